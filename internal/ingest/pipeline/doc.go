// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package pipeline converts the documents of a request to finished events: it maps, validates, cleans and hashes them, according to one state of the files.
package pipeline
