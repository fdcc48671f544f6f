package org.udge.training.report;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * The messages that TensorBoard's hyperparameter plug-in reads.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/master/tensorboard/plugins/hparams/plugin_data.proto">
 *     plugin_data.proto</a>
 */
final class HyperparameterMessages {

  static final String PLUGIN = "hparams";
  static final String TAGS = "_hparams_/";
  static final String EXPERIMENT_TAG = TAGS + "experiment";
  static final String START_TAG = TAGS + "session_start_info";
  static final String END_TAG = TAGS + "session_end_info";

  private static final int DATA_EXPERIMENT = 2;
  private static final int DATA_START = 3;
  private static final int DATA_END = 4;

  private static final int EXPERIMENT_SETTINGS = 4;
  private static final int EXPERIMENT_METRICS = 5;
  private static final int INFO_NAME = 1;
  private static final int INFO_TYPE = 4;
  private static final int METRIC_NAME = 1;
  private static final int METRIC_TAG = 2;
  private static final int TYPE_TEXT = 1;
  private static final int TYPE_TRUTH = 2;
  private static final int TYPE_NUMBER = 3;

  private static final int START_SETTINGS = 1;
  private static final int START_TIME = 5;
  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;
  private static final int VALUE_NUMBER = 2;
  private static final int VALUE_TEXT = 3;
  private static final int VALUE_TRUTH = 4;

  private static final int END_STATUS = 1;
  private static final int END_TIME = 2;
  private static final int SUCCESS = 1;
  private static final int FAILURE = 2;

  private HyperparameterMessages() {}

  static Message experiment(Map<String, ?> settings, List<String> metrics) {
    Message experiment = new Message();
    settings.forEach(
        (name, value) ->
            experiment.message(
                EXPERIMENT_SETTINGS,
                new Message().text(INFO_NAME, name).varint(INFO_TYPE, type(value))));
    metrics.forEach(
        tag ->
            experiment.message(
                EXPERIMENT_METRICS,
                new Message().message(METRIC_NAME, new Message().text(METRIC_TAG, tag))));
    return new Message().message(DATA_EXPERIMENT, experiment);
  }

  static Message start(Map<String, ?> settings, Instant time) {
    Message start = new Message();
    settings.forEach(
        (name, value) ->
            start.message(
                START_SETTINGS,
                new Message().text(ENTRY_KEY, name).message(ENTRY_VALUE, value(value))));
    return new Message().message(DATA_START, start.fixed64(START_TIME, seconds(time)));
  }

  static Message end(boolean success, Instant time) {
    return new Message()
        .message(
            DATA_END,
            new Message()
                .varint(END_STATUS, success ? SUCCESS : FAILURE)
                .fixed64(END_TIME, seconds(time)));
  }

  private static int type(Object value) {
    if (value instanceof Number) {
      return TYPE_NUMBER;
    }
    return value instanceof Boolean ? TYPE_TRUTH : TYPE_TEXT;
  }

  private static Message value(Object value) {
    if (value instanceof Number number) {
      return new Message().fixed64(VALUE_NUMBER, number.doubleValue());
    } else if (value instanceof Boolean truth) {
      return new Message().varint(VALUE_TRUTH, truth ? 1 : 0);
    }
    return new Message().text(VALUE_TEXT, String.valueOf(value));
  }

  private static double seconds(Instant time) {
    return time.toEpochMilli() / 1e3;
  }
}
