// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package compare compares the status of objects in the API server with the truth of the simulated worlds that were sent to them: at the time of
// analysis in the status, number by number.
package compare
