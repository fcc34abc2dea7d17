// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package plan

import (
	"time"

	"github.com/journeyman-dev/journeyman/internal/analysis/analysistest"
)

const day, hour = 24 * time.Hour, time.Hour

var (
	noon     = analysistest.Noon
	visitMap = analysistest.VisitMap
	stageOf  = analysistest.Stage
)
