// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package value

import (
	"errors"
	"strings"

	"github.com/journeyman-dev/journeyman/internal/event"
)

// surveyScales are the default highest scores by kind, in units.
var surveyScales = map[string]int64{"nps": 10, "csat": 5, "rating": 5, "ces": 7}

var (
	errSurveyKind  = errors.New("belongs to a survey of an unknown kind; use nps, csat, ces or rating")
	errSurveyScale = errors.New("needs a scale that is a number greater than 0")
	errSurveyScore = errors.New("is not a score from 0 to the scale")
)

// Survey returns an answer from its kind, its score and the scale, which can be nil for the default of the kind.
func Survey(kind string, score, scale any) (event.Survey, error) {
	kind = strings.ToLower(strings.TrimSpace(kind))
	usual, ok := surveyScales[kind]
	if !ok {
		return event.Survey{}, errSurveyKind
	}
	highest := usual * event.MicroUnits
	if scale != nil {
		var err error
		if highest, err = Micros(scale); err != nil || highest <= 0 {
			return event.Survey{}, errSurveyScale
		}
	}
	s, err := Micros(score)
	if err != nil || s < 0 || s > highest {
		return event.Survey{}, errSurveyScore
	}
	return event.Survey{Kind: kind, Score: s, Scale: highest}, nil
}

// HasSurveyKind reports whether the kind of a survey is known. A free-text answer, for example, has no score.
func HasSurveyKind(kind string) bool {
	_, ok := surveyScales[strings.ToLower(strings.TrimSpace(kind))]
	return ok
}
