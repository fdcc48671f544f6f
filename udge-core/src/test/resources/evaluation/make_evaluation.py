"""Golden numbers of scores of features, calibration, generation and chains: NumPy, float64.

Usage: python3 make_evaluation.py > evaluation.json
Formulas are written out here independently of the library's code, by other means where there are any
(inverses rather than factors, all pairs rather than sorting, brute force rather than algorithms).
"""
import json
import numpy as np
from scipy import optimize, stats

rng = np.random.default_rng(7)
N, F, C, Q = 60, 6, 3, 5


def ridge(S):
    return S + 1e-3 * np.trace(S) / len(S) * np.eye(len(S))


def softmax(f):
    e = np.exp(f - f.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def lse(f):
    return np.log(np.exp(f).sum(-1))


def scores(H, y, W, b, X, D):
    """H [N,F] training features with labels y, head f = W h + b, X [Q,F] features to score."""
    out = {}
    mu = H.mean(0)
    m = np.stack([H[y == c].mean(0) for c in range(y.max() + 1)])
    S = np.linalg.inv(ridge((H - m[y]).T @ (H - m[y]) / len(H)))
    S0 = np.linalg.inv(ridge((H - mu).T @ (H - mu) / len(H)))
    M = np.stack([np.einsum("qi,ij,qj->q", X - mc, S, X - mc) for mc in m], 1)
    M0 = np.einsum("qi,ij,qj->q", X - mu, S0, X - mu)
    out["mahalanobis"] = -M.min(1)
    out["rmds"] = (-(M - M0[:, None])).max(1)
    f, ft = X @ W.T + b, H @ W.T + b
    top = f.argmax(1)
    fdbd = []
    for q in range(len(X)):
        s = sum((f[q, top[q]] - f[q, c]) / np.linalg.norm(W[top[q]] - W[c]) for c in range(len(b)) if c != top[q])
        fdbd.append(s / np.linalg.norm(X[q] - mu))
    out["fdbd"] = np.array(fdbd)
    p, pt = softmax(f), softmax(ft)
    ps = -np.sort(-p, 1)[:, :100]
    out["gen"] = -(ps ** .1 * (1 - ps) ** .1).sum(1)
    out["nci"] = np.array([W[top[q]] @ (X[q] - mu) / np.linalg.norm(X[q] - mu) + 1e-4 * np.abs(X[q]).sum() for q in range(len(X))])
    o = -np.linalg.pinv(W) @ b
    values, vectors = np.linalg.eigh((H - o).T @ (H - o) / len(H))
    P = vectors[:, np.argsort(-values)[:D]]
    rest = np.eye(F) - P @ P.T  # the norm of what is left is that of the projection
    alpha = ft.max(1).mean() / np.linalg.norm((H - o) @ rest, axis=1).mean()
    out["vim"] = lse(f) - alpha * np.linalg.norm((X - o) @ rest, axis=1)
    cos = (X / np.linalg.norm(X, axis=1)[:, None]) @ (H / np.linalg.norm(H, axis=1)[:, None]).T
    k = np.maximum(cos, 0) * (p @ pt.T)
    out["relation"] = np.where(k > .03, k, 0).sum(1)
    return {n: v.tolist() for n, v in out.items()}


centers = rng.normal(size=(C, F)) * 2
y = np.arange(N) % C
H = centers[y] + rng.normal(size=(N, F)) * rng.uniform(.2, 1.5, F)
H[:, 5] = 0  # a feature that is always zero: covariances are singular
W, b = rng.normal(size=(C, F)), rng.normal(size=C) + 1
X = np.concatenate([H[:2] + .1, rng.normal(size=(Q - 2, F)) * 3])
few = np.array([0, 1, 2, 3, 4])  # fewer images than features
result = {
    "scores": {"features": H.tolist(), "labels": y.tolist(), "weights": W.tolist(), "bias": b.tolist(), "queries": X.tolist(),
               "all": scores(H, y, W, b, X, 3), "few": scores(H[few], y[few], W, b, X, 3)}}

# Calibration of the top label.
n = 40
confidence = rng.uniform(.34, 1, n)
confidence[5] = confidence[9] = confidence[11]  # ties
right = (rng.uniform(size=n) < confidence ** 2).astype(float)


def isotonic(x, z):
    """max-min formula over distinct x, weighted: g_i = max_{j<=i} min_{k>=i} mean(z_j..z_k)."""
    ux = np.unique(x)
    total = np.array([z[x == u].sum() for u in ux])
    weight = np.array([(x == u).sum() for u in ux])
    return ux, np.array([max(min(total[j:k + 1].sum() / weight[j:k + 1].sum() for k in range(i, len(ux))) for j in range(i + 1)) for i in range(len(ux))])


ux, iso = isotonic(confidence, right)
logodds = np.log(confidence / (1 - confidence))
positive = right.sum()
target = np.where(right == 1, (positive + 1) / (positive + 2), 1 / (n - positive + 2))
platt = optimize.minimize(lambda t: -(target * stats.logistic.logcdf(t[0] * logodds + t[1]) + (1 - target) * stats.logistic.logsf(t[0] * logodds + t[1])).sum(),
                          [1., 0.], method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxiter": 20000}).x
order = np.argsort(-confidence, kind="stable")


def selective(c, r):
    """Risk at coverage k / n, ties in expectation over their orders."""
    s = np.sort(-c)
    risks = []
    for k in range(1, len(c) + 1):
        t = -s[k - 1]
        above, tied = c > t, c == t
        errors = (1 - r[above]).sum() + (k - above.sum()) * (1 - r[tied]).mean()
        risks.append(errors / k)
    return np.array(risks)


risks = selective(confidence, right)
bins = 5
edges = np.ceil(confidence * bins).astype(int) - 1
ece = debiased = perfect = square = 0
for k in range(bins):
    inside = edges == k
    m = inside.sum()
    if m == 0:
        continue
    acc, conf = right[inside].mean(), confidence[inside].mean()
    gap = acc - conf
    ece += m / n * abs(gap)
    s = np.sqrt(acc * (1 - acc) / m)
    folded = stats.foldnorm.mean(abs(gap) / s, scale=s) if s > 0 else abs(gap)
    debiased += m / n * (2 * abs(gap) - folded)
    perfect += m / n * np.sqrt(2 / np.pi * (confidence[inside] * (1 - confidence[inside])).sum()) / m
    square += m / n * (gap ** 2 - (acc * (1 - acc) / (m - 1) if m > 1 else 0))
result["calibration"] = {
    "confidence": confidence.tolist(), "right": right.tolist(), "isotonic": {"x": ux.tolist(), "y": iso.tolist()},
    "platt": platt.tolist(), "risks": risks.tolist(), "aurc": risks.mean(),
    "ece5": ece, "debiased_ece5": debiased, "perfect_ece5": perfect, "debiased_square5": square}

# Conformal sets: nonconformity of every class, smallest threshold by brute force.
logits = rng.normal(size=(30, 4)) * 2
labels = np.array([rng.choice(4, p=row) for row in softmax(logits)])
p = softmax(logits)


def nonconformity(p, kind):
    s = np.empty_like(p)
    for i in range(len(p)):
        ranks = np.argsort(-p[i], kind="stable")
        for r, c in enumerate(ranks):
            s[i, c] = {"split": 1 - p[i, c], "aps": p[i, ranks[:r + 1]].sum(),
                       "raps": p[i, ranks[:r + 1]].sum() + .1 * max(0, r + 1 - 2)}[kind]
    return s


def quantile(s, coverage):
    rank = int(np.ceil((len(s) + 1) * coverage - 1e-12))
    return float("inf") if rank > len(s) else float(np.sort(s)[rank - 1])


result["sets"] = {"logits": logits.tolist(), "labels": labels.tolist(),
                  **{k: quantile(nonconformity(p, k)[np.arange(30), labels], .8) for k in ["split", "aps", "raps"]},
                  "aps_by_class": [quantile(nonconformity(p, "aps")[labels == c, c], .5) for c in range(4)]}

# Generation.
real, fake = rng.normal(size=(25, 4)), rng.normal(size=(20, 4)) * .8 + .3
kernel = lambda a, b: (a @ b.T / a.shape[1] + 1) ** 3
rr, ff, rf = kernel(real, real), kernel(fake, fake), kernel(real, fake)
kid = (rr.sum() - np.trace(rr)) / (25 * 24) + (ff.sum() - np.trace(ff)) / (20 * 19) - 2 * rf.mean()
distance = lambda a, b: np.sqrt(((a[:, None] - b[None]) ** 2).sum(-1))
radius = np.sort(distance(real, real), 1)[:, 5]  # the fifth neighbour, itself not counted
within = distance(real, fake) < radius[:, None]
result["generation"] = {"real": real.tolist(), "fake": fake.tolist(), "kid": kid,
                        "density": within.sum() / (5 * 20), "coverage": float(within.any(1).mean())}


# Chains: [chains][draws], rank-normalized split R-hat and effective sample sizes (Vehtari et al. 2021).
def split(x):
    h = x.shape[1] // 2
    return np.concatenate([x[:, :h], x[:, x.shape[1] - h:]])


def normal_scores(x):
    return stats.norm.ppf((stats.rankdata(x).reshape(x.shape) - .375) / (x.size + .25))


def basic(x):
    d = x.shape[1]
    within = x.var(1, ddof=1).mean()
    return np.sqrt((within * (d - 1) / d + x.mean(1).var(ddof=1)) / within)


def rhat(x):
    return max(basic(normal_scores(split(x))), basic(normal_scores(split(np.abs(x - np.median(x))))))


def bulk(x):
    return ess_of(normal_scores(split(x)))


def ess_of(z):
    m, d = z.shape
    centered = z - z.mean(1, keepdims=True)
    acov = np.array([[(centered[c, :d - t] * centered[c, t:]).sum() / d for t in range(d)] for c in range(m)])
    within = (acov[:, 0] * d / (d - 1)).mean()
    plus = within * (d - 1) / d + (z.mean(1).var(ddof=1) if m > 1 else 0)
    rho = 1 - (within - (acov * d / (d - 1)).mean(0)) / plus
    rho[0] = 1
    total, last = 0, np.inf
    for t in range(0, d - 1, 2):
        pair = rho[t] + rho[t + 1]
        if pair <= 0:
            break
        last = min(last, pair)
        total += last
    return min(m * d / (2 * total - 1), m * d * np.log10(m * d))


def tail(x):
    z = split(x)
    return min(ess_of((z <= np.quantile(x, q)).astype(float)) for q in (.05, .95))


def nested(x, superchains):
    """Margossian et al. 2024: chains in superchains of equal size, [K][M][draws]."""
    k = superchains
    m, d = x.shape[0] // k, x.shape[1]
    g = x.reshape(k, m, d)
    means = g.mean((1, 2))
    between = means.var(ddof=1)
    within = np.mean([(g[i].mean(1).var(ddof=1) if m > 1 else 0) + (g[i].var(1, ddof=1).mean() if d > 1 else 0) for i in range(k)])
    return np.sqrt(1 + between / within)


chains = np.zeros((4, 50))
for t in range(1, 50):
    chains[:, t] = .6 * chains[:, t - 1] + rng.normal(size=4)
chains[3] += .5
short = rng.normal(size=(12, 1)) + np.repeat(np.arange(3), 4)[:, None] * .3
result["chains"] = {"draws": chains.tolist(), "rhat": rhat(chains), "bulk": bulk(chains), "tail": tail(chains),
                    "nested2": nested(chains, 2), "short": short.tolist(), "nested3": nested(short, 3)}
print(json.dumps(result).replace("Infinity", '"Infinity"'))
