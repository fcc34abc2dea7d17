// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package anomaly detects whether a stage converts worse today than its own past suggests.
//
// The model: the conversions of a day are beta-binomial. The mean rate depends on the weekday. Around it, days differ by more than chance, with one
// intra-class correlation ρ for all days, so that the variance of a day's rate is p(1−p)(1+(n−1)ρ)/n. Both are estimated from the last eight
// weeks, without outliers (past incidents). The prediction for the latest day accounts for the uncertainty of the estimates: it adds the
// variance of the weekday's mean, and maps the tail probability from the normal to Student's distribution with the degrees of freedom that were
// left to estimate ρ.
//
// Sources: D. A. Williams, Extra-binomial variation in logistic linear models, Applied Statistics 31 (1982) 144–148 (ρ by the method of
// moments); J. G. Skellam, A probability distribution derived from the binomial distribution by regarding the probability of success
// as variable, JRSS B 10 (1948) 257–261 (the beta-binomial); F. R. Hampel, The influence curve and its role in robust estimation,
// JASA 69 (1974) 383–393 (medians to find outliers).
package anomaly
