// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package released holds today's code against what the releases before it have left in clusters: volumes of stores, requests and answers of the store
// protocol, documents of pods, objects with their statuses, and their children. A folder for each release has them as that release wrote
// them; README.md says how they are made and what the tests expect.
package released
