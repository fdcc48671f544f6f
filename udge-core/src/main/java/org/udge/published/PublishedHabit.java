package org.udge.published;

/**
 * A behavior of the program published with Liu &amp; Abbeel 2020, "Hybrid discriminative-generative
 * training via contrastive learning", that this library follows only on request.
 *
 * <p>Habits of training are passed to the trainer, and its terms then follow them too: {@code
 * Trainer.builder(model, objective).published(PublishedHabit.SEPARATE_PASSES)}.
 */
public enum PublishedHabit {

  /**
   * Training: all contrastive terms that share a queue of negatives feed it, each as soon as it was
   * evaluated. Later terms see the step's own images among their negatives, and the queue turns
   * over correspondingly faster. Excludes sharpness-aware updates, which evaluate each term twice.
   * Otherwise only the first of the terms feeds the queue, after all were evaluated: no image is
   * its own negative.
   */
  QUEUE_FED_BY_EACH_TERM,

  /**
   * Training: every term runs the network separately, with its own dropout masks, and with running
   * statistics of batch normalization that move once per term. Otherwise images that several terms
   * read pass through the network once.
   */
  SEPARATE_PASSES,

  /**
   * Training: the term of -log p(x|y) by Langevin samples compares E(x) = -logsumexp_y f(x)[y] of
   * data and samples, as the term of -log p(x) does, although its samples are drawn from p(x|y).
   * Otherwise it compares E(x, y) = -f(x)[y].
   */
  MARGINAL_ENERGY_OF_CONDITIONAL_SAMPLES,

  /**
   * Training: update t of the first n of a warm-up has the rate t / n, so that the first update
   * changes nothing. Otherwise its rate is (t + 1) / n.
   */
  WARM_UP_FROM_ZERO,

  /**
   * Evaluation: the contrastive similarity compares an image with the queue under its true label
   * instead of the predicted one, which reveals part of the answer to the score.
   */
  SIMILARITY_UNDER_TRUE_LABELS
}
