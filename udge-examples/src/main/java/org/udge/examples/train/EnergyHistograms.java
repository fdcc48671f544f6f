package org.udge.examples.train;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.udge.sampling.ReplayBuffer;
import org.udge.training.EpochReport;
import org.udge.training.RunState;
import org.udge.training.TrainingControl;
import org.udge.training.TrainingListener;
import org.udge.training.TrainingSession;
import org.udge.training.report.TensorBoardWriter;

/**
 * Draws the energies -log sum exp f(x) of data and of the same number of samples from the replay
 * buffer, as histograms for TensorBoard: the two overlap when training goes well.
 *
 * @param every number of epochs between histograms
 * @param data the same images each time
 */
record EnergyHistograms(TensorBoardWriter events, int every, INDArray data)
    implements TrainingListener {

  @Override
  public void onEpoch(TrainingSession session, EpochReport report, TrainingControl control) {
    if (report.epoch() % every != 0) {
      return;
    }
    try {
      write(report.steps(), "energy/data", session.model().energy(data));
      Optional<ReplayBuffer> buffer = RunState.of(session.captureState()).replayBuffer();
      if (buffer.isPresent() && buffer.get().filled().length > 0) {
        int[] filled = buffer.get().filled();
        int[] some = Arrays.copyOf(filled, Math.min(filled.length, (int) data.size(0)));
        double[] energies = session.model().energy(buffer.get().images(some));
        write(report.steps(), "energy/samples", energies);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** If nothing is finite, there is nothing to draw; the guard reports it. */
  private void write(long step, String tag, double[] energies) throws IOException {
    if (Arrays.stream(energies).anyMatch(Double::isFinite)) {
      events.histogram(step, tag, energies);
    }
  }
}
