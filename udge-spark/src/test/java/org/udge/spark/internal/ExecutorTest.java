package org.udge.spark.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Throwables;
import java.io.IOException;
import java.util.Properties;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskContextImpl;
import org.apache.spark.executor.TaskMetrics;
import org.junit.jupiter.api.Test;
import org.udge.spark.data.ExecutorException;
import scala.collection.immutable.Map$;

class ExecutorTest {

  @Test
  void a_failure_does_not_carry_the_error_for_which_spark_ends_a_process() {
    OutOfMemoryError cause = new OutOfMemoryError("Physical memory usage is too high");
    ExecutorException failure = Executor.failure("cannot score", cause);
    assertThat(failure).hasMessageEndingWith(": cannot score");
    assertThat(Throwables.getCausalChain(failure))
        .noneMatch(each -> each instanceof OutOfMemoryError);
    assertThat(failure.getCause())
        .hasMessage("java.lang.OutOfMemoryError: Physical memory usage is too high");
    assertThat(failure.getCause().getStackTrace()).isEqualTo(cause.getStackTrace());
  }

  @Test
  void a_failure_carries_any_other_cause() {
    IOException cause = new IOException("no such file");
    assertThat(Executor.failure("cannot open", cause)).hasCause(cause);
  }

  @Test
  void a_task_may_use_as_many_threads_as_spark_gives_it_cores() {
    TaskContext ofTwoCores =
        new TaskContextImpl(
            0,
            0,
            0,
            0,
            0,
            1,
            null,
            new Properties(),
            null,
            TaskMetrics.empty(),
            2,
            Map$.MODULE$.empty());
    int threads = TaskContext.withTaskContext(ofTwoCores, Executor::threadsPerTask);
    assertThat(threads).isEqualTo(2);
    assertThat(Executor.threadsPerTask()).as("outside of a task").isEqualTo(1);
  }
}
