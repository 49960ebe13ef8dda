"""Logistic regression of scikit-learn on z-scores and one-hot columns."""

from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def fit(X, y, settings, seed, sample_weight=None):
    prepared = make_column_transformer(
        (StandardScaler(), make_column_selector(dtype_include="number")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector(dtype_include="category")),
    )
    model = LogisticRegression(max_iter=1000, random_state=seed).set_params(**settings)
    return make_pipeline(prepared, model).fit(X, y, logisticregression__sample_weight=sample_weight)


def predict_proba(model, X):
    return model.predict_proba(X)
