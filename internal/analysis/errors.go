// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package analysis

import (
	"errors"

	"github.com/journeyman-dev/journeyman/internal/store"
)

var (
	// ErrConfig says that the document or the spec is wrong: trying again is no use.
	ErrConfig = errors.New("the configuration is wrong")
	// ErrSuperseded says that the object is gone or was made anew, or that newer results are there. It is no failure.
	ErrSuperseded = errors.New("superseded")
)

// Exit codes of the job. The Job's podFailurePolicy knows them.
const (
	ExitDone         = 0
	ExitFailed       = 1
	ExitConfig       = 3
	ExitStoreMissing = 5
)

// ExitCode of a run that ended with the error.
func ExitCode(err error) int {
	switch {
	case err == nil, errors.Is(err, ErrSuperseded):
		return ExitDone
	case errors.Is(err, ErrConfig), errors.Is(err, store.ErrInvalid):
		return ExitConfig
	case errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrSnapshotGone):
		return ExitStoreMissing
	default:
		return ExitFailed
	}
}
