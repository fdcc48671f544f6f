package org.udge.loss;

/**
 * How a contrastive term turns the (scaled) logits p of an image into a score s for label y.
 *
 * <p>d is the target distribution of y: 1 for y and 0 elsewhere, or smoothed. Scores are divided by
 * the temperature before they are compared.
 */
public enum ContrastiveForm {
  /**
   * s = logsumexp_c(d[c] p[c]), which for hard targets is log(exp(p[y]) + C - 1): what the program
   * published with the paper computes. The C - 1 other classes add a constant that flattens the
   * score, so for hundreds of classes the term hardly pulls; with few classes it is the form that
   * trained best here.
   */
  REFERENCE,
  /**
   * s = sum_c d[c] p[c], which for hard targets is p[y]: the approximation of log q(x|y) that the
   * paper writes down, log (exp f(x)[y] / sum_k exp f(x_k)[y]) (Liu &amp; Abbeel 2020, arXiv
   * 2007.09070).
   */
  PAPER
}
