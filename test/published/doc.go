// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package published recomputes published numbers of open data sets from the raw files, with the mapping of a source, an embedded store and the code
// of the analysis job. The files are not part of the project.
//
// Each data set has a file in this package. It defines how rows become documents, how documents become events, the map and the report, and the
// published numbers with their sources.
package published
