package org.udge.loss;

/**
 * A score s_y(p) of scaled logits p for each of R labels y. Every score increases with every p[c],
 * and in total by at most as much as the largest p[c].
 */
interface Score {

  /** Returns R: the number of classes, or 1 if the label is irrelevant. */
  int labels();

  /** Computes s_y(p). */
  double score(int label, double[] p);

  /** Computes s_y(p) for every label, in O(C) operations. */
  void scores(double[] p, double[] into);

  /** Computes ds_y/dp. */
  void gradient(int label, double[] p, double[] into);

  /** s_y = log sum_c exp(d_y[c] p[c]). */
  record Reference(int labels, TargetWeights targets) implements Score {

    @Override
    public double score(int label, double[] p) {
      return Math.log(sum(label, p, sumOfOthers(p)));
    }

    @Override
    public void scores(double[] p, double[] into) {
      double others = sumOfOthers(p);
      for (int label = 0; label < labels; label++) {
        into[label] = Math.log(sum(label, p, others));
      }
    }

    @Override
    public void gradient(int label, double[] p, double[] into) {
      double sum = sum(label, p, sumOfOthers(p));
      for (int c = 0; c < labels; c++) {
        double target = targets.of(c, label);
        into[c] = target == 0 ? 0 : target * Math.exp(target * p[c]) / sum;
      }
    }

    /** Returns sum_c exp(other p[c]); the sum of each label differs from it in one summand only. */
    private double sumOfOthers(double[] p) {
      if (targets.other() == 0) {
        return labels;
      }
      double sum = 0;
      for (double value : p) {
        sum += Math.exp(targets.other() * value);
      }
      return sum;
    }

    private double sum(int label, double[] p, double others) {
      double replaced = targets.other() == 0 ? 1 : Math.exp(targets.other() * p[label]);
      return others - replaced + Math.exp(targets.label() * p[label]);
    }
  }

  /** s_y = sum_c d_y[c] p[c]. */
  record Paper(int labels, TargetWeights targets) implements Score {

    @Override
    public double score(int label, double[] p) {
      return score(p[label], sum(p));
    }

    @Override
    public void scores(double[] p, double[] into) {
      double total = sum(p);
      for (int label = 0; label < labels; label++) {
        into[label] = score(p[label], total);
      }
    }

    private static double sum(double[] p) {
      double sum = 0;
      for (double value : p) {
        sum += value;
      }
      return sum;
    }

    private double score(double own, double total) {
      return targets.label() * own + targets.other() * (total - own);
    }

    @Override
    public void gradient(int label, double[] p, double[] into) {
      for (int c = 0; c < labels; c++) {
        into[c] = targets.of(c, label);
      }
    }
  }

  /** s = log sum_c exp(p[c]), independent of the label. */
  record Marginal() implements Score {

    @Override
    public int labels() {
      return 1;
    }

    @Override
    public double score(int label, double[] p) {
      return Math.log(sum(p));
    }

    @Override
    public void scores(double[] p, double[] into) {
      into[0] = Math.log(sum(p));
    }

    @Override
    public void gradient(int label, double[] p, double[] into) {
      double sum = sum(p);
      for (int c = 0; c < p.length; c++) {
        into[c] = Math.exp(p[c]) / sum;
      }
    }

    private static double sum(double[] p) {
      double sum = 0;
      for (double value : p) {
        sum += Math.exp(value);
      }
      return sum;
    }
  }
}
