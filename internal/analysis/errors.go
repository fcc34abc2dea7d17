// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/analysis/plan"
	"github.com/journeyman-dev/journeyman/internal/analysis/publish"
	"github.com/journeyman-dev/journeyman/internal/store"
)

// Exit codes of the job, for the Job's podFailurePolicy.
const (
	ExitDone         = 0
	ExitFailed       = 1
	ExitConfig       = 3
	ExitStoreMissing = 5
)

// ExitCode returns the exit code for the error of a run.
func ExitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, publish.ErrSuperseded):
		return ExitDone
	case errors.Is(err, plan.ErrConfig), errors.Is(err, store.ErrInvalid):
		return ExitConfig
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrSnapshotGone):
		return ExitStoreMissing
	default:
		return ExitFailed
	}
}
