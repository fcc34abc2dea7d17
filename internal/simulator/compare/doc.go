// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package compare holds the status of objects, as the API server gives it, against the truth of the simulated worlds
// that were sent to them: at the time of analysis that the status itself names, number by number.
package compare
