// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package released tests the current code with everything that previous releases left in clusters: volumes of stores, requests and responses of the
// store protocol, documents of pods, objects with their statuses, and their children. Each release has a folder with these fixtures. README.md says
// how they are created, and what the tests check.
package released
