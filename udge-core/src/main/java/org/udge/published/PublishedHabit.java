package org.udge.published;

/**
 * A way of the program published with Liu &amp; Abbeel 2020, "Hybrid discriminative-generative
 * training via contrastive learning", that this library does not follow unless told to.
 *
 * <p>Those of training are given to the trainer, whose terms then follow them too: {@code
 * Trainer.builder(model, objective).published(PublishedHabit.SEPARATE_PASSES)}.
 */
public enum PublishedHabit {

  /**
   * Training: contrastive terms that share a queue of negatives all feed it, each as soon as it was
   * evaluated. Terms that come later see the step's own images among their negatives, and the queue
   * turns over that much faster. Excludes sharpness-aware updates, which evaluate each term twice.
   * Otherwise the first of the terms feeds the queue, after all were evaluated: no image is its own
   * negative.
   */
  QUEUE_FED_BY_EACH_TERM,

  /**
   * Training: every term runs the network by itself, with dropout masks of its own, and with
   * running statistics of batch normalization that move once for each term. Otherwise images that
   * several terms read go through the network once.
   */
  SEPARATE_PASSES,

  /**
   * Training: the term of -log p(x|y) by Langevin samples compares E(x) = -logsumexp_y f(x)[y] of
   * data and samples, that of -log p(x), though its samples are of p(x|y). Otherwise it compares
   * E(x, y) = -f(x)[y].
   */
  MARGINAL_ENERGY_OF_CONDITIONAL_SAMPLES,

  /**
   * Training: update t of the first n of a warm-up runs at t / n of the rate, so that the first
   * update changes nothing. Otherwise it runs at (t + 1) / n.
   */
  WARM_UP_FROM_ZERO,

  /**
   * Evaluation: the contrastive similarity compares an image with the queue under its own label in
   * place of the predicted one, which tells the score something of the answer.
   */
  SIMILARITY_UNDER_TRUE_LABELS
}
