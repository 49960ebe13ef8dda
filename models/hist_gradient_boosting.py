"""Gradient-boosted trees of scikit-learn, which read categories and missing values as they are."""

from sklearn.ensemble import HistGradientBoostingClassifier


def fit(X, y, settings, seed, sample_weight=None):
    model = HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=seed, **settings)
    return model.fit(X, y, sample_weight)


def predict_proba(model, X):
    return model.predict_proba(X)
