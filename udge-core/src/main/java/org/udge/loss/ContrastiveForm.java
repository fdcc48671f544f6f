package org.udge.loss;

/**
 * The score s that a contrastive term computes for label y from the (scaled) logits p of an image.
 *
 * <p>d is the target distribution of y: 1 for y and 0 elsewhere, or smoothed. Scores are divided by
 * the temperature before they are compared.
 */
public enum ContrastiveForm {
  /**
   * s = logsumexp_c(d[c] p[c]), which for hard targets is log(exp(p[y]) + C - 1), as computed by
   * the program published with the paper. The C - 1 other classes add a constant that flattens the
   * score, so the term has little effect with hundreds of classes; with few classes, this form gave
   * the best results in our experiments.
   */
  REFERENCE,
  /**
   * s = sum_c d[c] p[c], which for hard targets is p[y]: the approximation of log q(x|y) given in
   * the paper, log (exp f(x)[y] / sum_k exp f(x_k)[y]) (Liu &amp; Abbeel 2020, arXiv 2007.09070).
   */
  PAPER
}
