"""A split as the benchmark writes it, and how lists are judged: the same for every library.

The folder holds train.tsv, test.tsv and perhaps valid.tsv (user<TAB>item, row numbers) and meta.json (users, items).
All items are ranked; train and valid items are not recommended. Recall is hits over test items of a user, NDCG has gain
1 / log2(place + 1) over the best that min(cutoff, test items) hits could have; means over users.
"""
import json
import os
import resource
import time

import numpy as np
import scipy.sparse as sp


class Split:
    def __init__(self, folder, cutoff):
        self.folder, self.cutoff = folder, cutoff
        with open(os.path.join(folder, "meta.json")) as file:
            meta = json.load(file)
        self.shape = self.users, self.items = meta["users"], meta["items"]
        self.rows = {name: self._rows(name) for name in ("train", "valid", "test")}
        self.train, self.valid, self.test = (self._matrix(rows) for rows in self.rows.values())
        self.known = (self.train + self.valid).tocsr()
        self.asked = np.flatnonzero(np.diff(self.test.indptr))

    def _rows(self, name):
        path = os.path.join(self.folder, name + ".tsv")
        return np.loadtxt(path, dtype=np.int64, ndmin=2) if os.path.getsize(path) else np.zeros((0, 2), np.int64)

    def _matrix(self, rows):
        matrix = sp.csr_matrix((np.ones(len(rows), np.float32), (rows[:, 0], rows[:, 1])), shape=self.shape)
        matrix.sum_duplicates()
        matrix.data[:] = 1
        return matrix

    def judge(self, scores_of):
        """Quality of the first `cutoff` of everybody who is asked, and the CPU seconds of scores and selection."""
        began = time.process_time()
        lists = np.empty((len(self.asked), self.cutoff), np.int64)
        for start in range(0, len(self.asked), 512):
            users = self.asked[start : start + 512]
            scores = np.array(scores_of(users), dtype=np.float32)
            row, item = self.known[users].nonzero()
            scores[row, item] = -np.inf
            first = np.sort(np.argpartition(-scores, self.cutoff - 1, axis=1)[:, : self.cutoff], axis=1)
            order = np.argsort(-np.take_along_axis(scores, first, 1), axis=1, kind="stable")
            lists[start : start + 512] = np.take_along_axis(first, order, 1)
        spent = time.process_time() - began
        return {**self._quality(lists), "topkCpuSeconds": spent}

    def _quality(self, lists):
        gains = 1 / np.log2(np.arange(2, self.cutoff + 2))
        recall = ndcg = 0.0
        for user, ranked in zip(self.asked, lists):
            targets = self.test.indices[self.test.indptr[user] : self.test.indptr[user + 1]]
            hit = np.isin(ranked, targets)
            recall += hit.sum() / len(targets)
            ndcg += gains[hit].sum() / gains[: min(self.cutoff, len(targets))].sum()
        return {"ndcg": ndcg / len(self.asked), "recall": recall / len(self.asked)}


def report(figures, epochs, spent):
    """The line that the benchmark reads."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    costs = {"epochs": epochs, "cpuSeconds": spent, "cpuSecondsPerEpoch": spent / epochs, "rssMb": peak}
    print(json.dumps({"figures": figures, **costs}))
