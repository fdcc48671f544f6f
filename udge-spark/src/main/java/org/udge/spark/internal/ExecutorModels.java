package org.udge.spark.internal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerApplicationEnd;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.udge.EnergyModel;
import org.udge.Engines;
import org.udge.engine.Engine;
import org.udge.engine.EngineSettings;

/**
 * The models of a process: each is opened when its first task needs it, shared by all tasks that
 * run at the same time, and kept for later ones.
 *
 * <p>Computations of one engine take turns, so every task has an engine of its own, with as many
 * threads as a task may use; all share the same parameters. Two models that no task uses are kept;
 * others are closed, and all are closed when the process ends.
 */
public final class ExecutorModels {

  private static final Logger LOG = LoggerFactory.getLogger(ExecutorModels.class);

  private static final int KEPT = 2;

  /** In the order of their last use. */
  private static final Map<Key, Shared> MODELS = new LinkedHashMap<>();

  private static final Set<SparkContext> ENDING = Collections.newSetFromMap(new WeakHashMap<>());

  private static boolean closedAtExit;

  private ExecutorModels() {}

  /**
   * The identity of a model.
   *
   * @param sha256 of the file's bytes
   * @param settings of the engine
   */
  public record Key(String sha256, EngineSettings settings) {}

  /** Opens a model's file. */
  @FunctionalInterface
  public interface Opener {
    /**
     * Opens it.
     *
     * @param settings the engine
     * @return the model, which the caller closes
     * @throws IOException if the file cannot be read
     */
    EnergyModel open(EngineSettings settings) throws IOException;
  }

  /** A model lent to one task. */
  public static final class Lease implements AutoCloseable {
    private final Shared shared;
    private final EnergyModel model;
    private boolean closed;

    private Lease(Shared shared, EnergyModel model) {
      this.shared = shared;
      this.model = model;
    }

    /**
     * The model.
     *
     * @return the model with an engine that nobody else uses meanwhile
     */
    public EnergyModel model() {
      return model;
    }

    /** Returns the model. Closing again has no effect. */
    @Override
    public void close() {
      synchronized (MODELS) {
        if (!closed) {
          closed = true;
          shared.users--;
          shared.idle.push(model);
          closeOldest();
        }
      }
    }
  }

  /** One model with all its engines. Guarded by the map of models, except for opening. */
  private static final class Shared {
    private final EngineSettings settings;
    private final Deque<EnergyModel> idle = new ArrayDeque<>();
    private final List<Engine> engines = new ArrayList<>();
    private @Nullable EnergyModel model;
    private int users;

    Shared(EngineSettings settings) {
      this.settings = settings;
    }

    /** A model whose engine is free; opens the file or another engine if there is none. */
    synchronized EnergyModel take(Opener opener) throws IOException {
      EnergyModel opened = model;
      if (opened == null) {
        opened = opener.open(settings);
        model = opened;
        return opened;
      }
      synchronized (MODELS) {
        if (!idle.isEmpty()) {
          return idle.pop();
        }
      }
      Engine engine = Engines.create(opened.graph(), settings);
      engines.add(engine);
      return opened.withEngine(engine);
    }

    synchronized void close() {
      engines.forEach(Engine::close);
      engines.clear();
      EnergyModel opened = model;
      if (opened != null) {
        opened.close();
        model = null;
      }
    }
  }

  /**
   * Borrows a model, opening it if necessary.
   *
   * @param key its identity
   * @param opener opens it
   * @return the model, to be returned
   * @throws IOException if its file cannot be read
   */
  public static Lease take(Key key, Opener opener) throws IOException {
    Shared shared;
    synchronized (MODELS) {
      closeAtExit();
      Shared known = MODELS.remove(key);
      shared = known == null ? new Shared(key.settings()) : known;
      MODELS.put(key, shared);
      shared.users++;
    }
    try {
      return new Lease(shared, shared.take(opener));
    } catch (IOException | RuntimeException | Error e) {
      synchronized (MODELS) {
        shared.users--;
      }
      throw e;
    }
  }

  /**
   * The number of open models.
   *
   * @return the number of those in use and those kept for later
   */
  public static int count() {
    synchronized (MODELS) {
      return MODELS.size();
    }
  }

  /** Closes all models that no task uses. */
  public static void closeIdle() {
    closeIdleBut(0);
  }

  private static void closeOldest() {
    closeIdleBut(KEPT);
  }

  private static void closeIdleBut(int kept) {
    synchronized (MODELS) {
      int idle = (int) MODELS.values().stream().filter(shared -> shared.users == 0).count();
      Iterator<Shared> each = MODELS.values().iterator();
      while (idle > kept && each.hasNext()) {
        Shared shared = each.next();
        if (shared.users == 0) {
          each.remove();
          shared.idle.clear();
          shared.close();
          idle--;
        }
      }
    }
  }

  private static void closeAtExit() {
    if (!closedAtExit) {
      closedAtExit = true;
      Runtime.getRuntime().addShutdownHook(new Thread(ExecutorModels::closeIdle, "udge-models"));
      LOG.debug("models of {} are closed when it ends", Executor.name());
    }
  }

  /**
   * Closes the models of this process when an application whose tasks it runs itself ends.
   *
   * @param context the application
   */
  public static void closeWith(SparkContext context) {
    synchronized (MODELS) {
      if (!ENDING.add(context)) {
        return;
      }
    }
    context.addSparkListener(
        new SparkListener() {
          @Override
          public void onApplicationEnd(SparkListenerApplicationEnd end) {
            closeIdle();
          }
        });
  }
}
