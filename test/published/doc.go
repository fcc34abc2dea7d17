// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package published recomputes numbers that others have published of open data sets: from the raw files, through the mapping of a source,
// an embedded store and the analysis job's own code. The files are not part of the project.
//
// A data set has a file here that says how its rows become documents, how documents become events, what is asked, and what was published where.
package published
