// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package sample sends a file of documents to the sources of config/samples, in the formats of their systems, and contains the results that the
// sample map and report show for it. The file is data, not the output of a generator: you can count its results by hand. Its times are relative to
// now.
package sample
