"""Whether validation rows stand nearer to training rows than test rows do, and which rows stand near each other."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy  # imports its submodules when they are first used, which spares most jobs a third of a second

from gapscope.diagnosis.evidence.bins import is_numeric
from gapscope.diagnosis.evidence.column_ties import rank_among

MOST_LEVELS = 20  # a category of more levels than this says little about how near two rows are
WIDER = (0.5, 0.25, 0.05)  # share of the test rows that may have a training row within a link's length, longest first
LINKS = 8  # a row is linked with so many of the nearest rows at most
GROUPED = 0.5  # by how much more often test rows stand near each other than known rows do, if they come in groups
USUAL = 0.05  # share of the known rows that have another one as near as that
LARGEST = 0.2  # share of the rows in one cluster beyond which the radius is too wide


class Space:
    """Rows as points: numbers with a variance of 1, levels as 0 or 1.

    Numbers are `ranked` among the known rows, which makes little of long tails, or divided by their standard deviation,
    which makes little of noise on values that many rows share.
    """

    def __init__(self, known: pd.DataFrame, features: list[str], ranked: bool):
        self.ranked = ranked
        self.known = {name: np.sort(known[name].to_numpy()) for name in features if is_numeric(known[name])}
        levels = {name: known[name].unique() for name in features if name not in self.known}
        self.levels = {name: found for name, found in levels.items() if len(found) <= MOST_LEVELS}

    def points(self, table: pd.DataFrame) -> np.ndarray:
        """(n, d)"""
        columns = [self._scaled(known, table[name].to_numpy()) for name, known in self.known.items()]
        columns += [(table[name] == level).to_numpy(float) for name, found in self.levels.items() for level in found]
        return np.column_stack(columns) if columns else np.empty((len(table), 0))

    def _scaled(self, known: np.ndarray, values: np.ndarray) -> np.ndarray:
        return rank_among(known, values) * np.sqrt(12.0) if self.ranked else values / (known.std() or 1.0)


@dataclass(frozen=True)
class Nearness:
    """How much nearer to training rows validation rows are than test rows."""

    to_training: tuple[np.ndarray, np.ndarray]  # distance of each validation and test row to the nearest training row
    excess: float  # the most by which the share of validation rows within some radius exceeds that of test rows
    radius: float  # that radius


def nearness(training: np.ndarray, validation: np.ndarray, test: np.ndarray) -> Nearness:
    """Compare distances to the nearest row (Smirnov's one-sided statistic). Points (n, d) of the parts' rows."""
    tree = scipy.spatial.cKDTree(training)
    to_training = tuple(tree.query(points)[0] for points in (validation, test))
    radii = np.unique(np.concatenate(to_training))
    shares = [np.searchsorted(np.sort(distance), radii, side="right") / len(distance) for distance in to_training]
    most = int(np.argmax(shares[0] - shares[1]))
    return Nearness(to_training, float(shares[0][most] - shares[1][most]), float(radii[most]))


def clusters(points: np.ndarray, to_training: np.ndarray) -> np.ndarray | None:
    """A number per row (n,), the same for points (n, d) that are linked, over others too.

    Links are as long as the distances of test rows `to_training` rows let them be without joining a large part of all
    rows. None if any radius does.
    """
    for share in WIDER:
        found = linked(points, np.quantile(to_training, share))
        if np.bincount(found).max() <= max(LARGEST * len(found), 2):
            return found
    return None


def linked(points: np.ndarray, radius: float) -> np.ndarray:
    """Connected components of rows no further apart than `radius` (n,)."""
    distance, other = scipy.spatial.cKDTree(points).query(points, k=LINKS + 1, distance_upper_bound=radius)
    row, place = np.nonzero(np.isfinite(distance))
    links = scipy.sparse.coo_matrix((np.ones(len(row)), (row, other[row, place])), shape=(len(points), len(points)))
    return scipy.sparse.csgraph.connected_components(links, directed=False)[1]


def to_other_clusters(points: np.ndarray, groups: np.ndarray, most: int) -> np.ndarray:
    """Distance to the nearest point (n, d) of another cluster, of points evenly chosen, `most` at most."""
    some = slice(None, None, -(-len(points) // most))
    distance = scipy.spatial.distance.cdist(points[some], points)
    return np.where(groups[some, None] == groups, np.inf, distance).min(axis=1)


def distances_within(points: np.ndarray) -> np.ndarray:
    """Distance of each point (n, d) to the nearest other one (n,), infinite for a single one."""
    return scipy.spatial.cKDTree(points).query(points, k=2)[0][:, 1]


def groups_of_rows(
    known: pd.DataFrame, test: pd.DataFrame, features: list[str]
) -> tuple[np.ndarray, np.ndarray] | None:
    """A number per known and per test row, the same for rows linked over others; None unless test rows come in groups.

    As many rows of either table. The features are those that are `varying`.
    """
    space = Space(known, features, ranked=False)
    points = [space.points(table) for table in (known, test)]
    if not points[0].size:
        return None
    nearest = [distances_within(part) for part in points]
    radius = np.quantile(nearest[0], USUAL)
    near = [float((distance <= radius).mean()) for distance in nearest]
    return tuple(linked(part, radius) for part in points) if near[1] - near[0] >= GROUPED else None


def varying(known: pd.DataFrame, test: pd.DataFrame, features: list[str]) -> list[str]:
    """The features that vary at least half as much in the test table: others bring its rows together by themselves."""
    return [
        name
        for name in features
        if (test[name].std() >= known[name].std() / 2 if is_numeric(known[name]) else test[name].nunique() > 1)
    ]
