package org.udge.sampling;

/**
 * What happened to each chain of a run, as returned by {@link LangevinSampler#diagnose}.
 *
 * @param energy energy before each step, [steps][chains], in nats
 * @param gradientNorm L2 norm of dE/dx before each step and before any clamp, [steps][chains]
 * @param acceptance share of accepted steps, [chains]; 1 without the Metropolis correction
 * @param movement L2 distance from start to end, [chains]
 */
public record ChainDiagnostics(
    double[][] energy, double[][] gradientNorm, double[] acceptance, double[] movement) {}
