#!/usr/bin/env python3
"""Fits one model of another library on a split and prints its figures as one line of JSON.

usage: run_peer.py PEER SPLIT_FOLDER CUTOFF PARAMETERS_AS_JSON

The folder holds train.tsv, test.tsv and perhaps valid.tsv (user<TAB>item, row numbers) and meta.json (users, items).
Fitted on train. All items are ranked; train and valid items are not recommended. Recall is hits over test items of a
user, NDCG has gain 1 / log2(place + 1) over the best that min(cutoff, test items) hits could have; means over users.
Times are CPU seconds of this process, which has one thread.
"""
import json
import os
import resource
import sys
import time

import numpy as np
import scipy.sparse as sp

peer, folder, cutoff, parameters = sys.argv[1], sys.argv[2], int(sys.argv[3]), json.loads(sys.argv[4])
meta = json.load(open(os.path.join(folder, "meta.json")))
shape = (meta["users"], meta["items"])


def part(name):
    path = os.path.join(folder, name + ".tsv")
    rows = np.loadtxt(path, dtype=np.int64, ndmin=2) if os.path.getsize(path) else np.zeros((0, 2), np.int64)
    matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows[:, 0], rows[:, 1])), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


train, valid, test = part("train"), part("valid"), part("test")
known = (train + valid).tocsr()
asked = np.flatnonzero(np.diff(test.indptr))


def best_of(scores_of):
    """The first `cutoff` of everybody who is asked, and the CPU seconds of scores and selection."""
    began = time.process_time()
    lists = np.empty((len(asked), cutoff), np.int64)
    for start in range(0, len(asked), 512):
        users = asked[start : start + 512]
        scores = np.array(scores_of(users), dtype=np.float32)
        row, item = known[users].nonzero()
        scores[row, item] = -np.inf
        first = np.sort(np.argpartition(-scores, cutoff - 1, axis=1)[:, :cutoff], axis=1)
        order = np.argsort(-np.take_along_axis(scores, first, 1), axis=1, kind="stable")
        lists[start : start + 512] = np.take_along_axis(first, order, 1)
    return lists, time.process_time() - began


def quality(lists):
    gains = 1 / np.log2(np.arange(2, cutoff + 2))
    recall = ndcg = 0.0
    for user, ranked in zip(asked, lists):
        targets = test.indices[test.indptr[user] : test.indptr[user + 1]]
        hit = np.isin(ranked, targets)
        recall += hit.sum() / len(targets)
        ndcg += gains[hit].sum() / gains[: min(cutoff, len(targets))].sum()
    return {"ndcg": ndcg / len(asked), "recall": recall / len(asked)}


def implicit_factors(model):
    def recommend():
        began = time.process_time()
        model.recommend(asked, known[asked], N=cutoff, filter_already_liked_items=True)
        return time.process_time() - began

    model.fit(train, show_progress=False)
    return {"train": lambda users: model.user_factors[users] @ model.item_factors.T}, recommend


def implicit_neighbours(model):
    def recommend():
        began = time.process_time()
        model.recommend(asked, known[asked], N=cutoff, filter_already_liked_items=True)
        return time.process_time() - began

    model.fit(train, show_progress=False)
    return {
        "train": lambda users: (train[users] @ model.similarity).toarray(),
        "train+valid": lambda users: (known[users] @ model.similarity).toarray(),
    }, recommend


def als():
    from implicit.cpu.als import AlternatingLeastSquares

    return implicit_factors(AlternatingLeastSquares(**parameters, num_threads=1, random_state=42))


def bpr():
    from implicit.cpu.bpr import BayesianPersonalizedRanking

    return implicit_factors(BayesianPersonalizedRanking(**parameters, num_threads=1, random_state=42))


def bm25():
    from implicit.nearest_neighbours import BM25Recommender

    return implicit_neighbours(BM25Recommender(**parameters, num_threads=1))


def cosine():
    from implicit.nearest_neighbours import CosineRecommender

    return implicit_neighbours(CosineRecommender(**parameters, num_threads=1))


def warp():
    from lightfm import LightFM

    options = dict(parameters)
    epochs = options.pop("iterations")
    model = LightFM(loss="warp", random_state=42, **options)
    model.fit(train, epochs=epochs, num_threads=1)
    user_bias, user = model.get_user_representations()
    item_bias, item = model.get_item_representations()
    return {"train": lambda users: user[users] @ item.T + item_bias}, None


def ease():
    kind = np.float64 if shape[1] < 5000 else np.float32
    gram = (train.T @ train).toarray().astype(kind)
    gram[np.diag_indices_from(gram)] += parameters["lambda"]
    weights = np.linalg.inv(gram)
    del gram
    weights /= -np.diag(weights)
    np.fill_diagonal(weights, 0)
    weights = weights.astype(np.float32)
    return {"train": lambda users: train[users] @ weights, "train+valid": lambda users: known[users] @ weights}, None


def popularity():
    counts = np.asarray(train.sum(0)).ravel()
    return {"train": lambda users: np.repeat(counts[None], len(users), 0)}, None


began = time.process_time()
scorers, recommend = {"als": als, "bpr": bpr, "bm25": bm25, "cosine": cosine, "warp": warp, "ease": ease, "popularity": popularity}[peer]()
spent = time.process_time() - began
own = recommend() if recommend else None
figures = {}
for history, scores_of in scorers.items():
    if history == "train+valid" and not valid.nnz:
        continue
    lists, topk = best_of(scores_of)
    figures[history] = {**quality(lists), "topkCpuSeconds": topk if own is None else own}
epochs = parameters.get("iterations", 1)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"figures": figures, "epochs": epochs, "cpuSeconds": spent, "cpuSecondsPerEpoch": spent / epochs, "rssMb": peak}))
