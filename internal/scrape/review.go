// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package scrape

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-logr/logr"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	utilerrors "k8s.io/apimachinery/pkg/util/errors"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/apis/apiserver"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/authorization/authorizerfactory"
	authenticationv1 "k8s.io/client-go/kubernetes/typed/authentication/v1"
	authorizationv1 "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

const (
	// reviewTimeout is how long the API server has for one review.
	reviewTimeout = 10 * time.Second
	// knownFor is how long its answers are cached, and therefore how long a revoked permission still works.
	knownFor, deniedFor = time.Minute, 10 * time.Second
)

// reviewed allows callers whom the API server authenticates and authorises to get the path. Controller-runtime has the same, but responds 500 to an
// invalid token, as if the server were broken.
func reviewed(config *rest.Config, browser *http.Client) (server.Filter, error) {
	tokens, err := authenticationv1.NewForConfigAndClient(config, browser)
	if err != nil {
		return nil, err
	}
	rights, err := authorizationv1.NewForConfigAndClient(config, browser)
	if err != nil {
		return nil, err
	}
	again := &wait.Backoff{Duration: 200 * time.Millisecond, Factor: 2, Jitter: 0.2, Steps: 3}
	who, _, err := authenticatorfactory.DelegatingAuthenticatorConfig{
		Anonymous: &apiserver.AnonymousAuthConfig{Enabled: false}, CacheTTL: knownFor,
		TokenAccessReviewClient: tokens, TokenAccessReviewTimeout: reviewTimeout, WebhookRetryBackoff: again,
	}.New()
	if err != nil {
		return nil, err
	}
	may, err := authorizerfactory.DelegatingAuthorizerConfig{
		SubjectAccessReviewClient: rights, AllowCacheTTL: knownFor, DenyCacheTTL: deniedFor, WebhookRetryBackoff: again,
	}.New()
	if err != nil {
		return nil, err
	}
	return func(log logr.Logger, next http.Handler) (http.Handler, error) {
		return &review{who: who, may: may, log: log, next: next}, nil
	}, nil
}

type review struct {
	who  authenticator.Request
	may  authorizer.Authorizer
	log  logr.Logger
	next http.Handler
}

// ServeHTTP checks who the caller is, and whether they have permission.
func (v *review) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	caller, known, err := v.who.AuthenticateRequest(r)
	switch {
	case unanswered(err):
		v.broken(w, err)
		return
	case err != nil || !known:
		// The error explains why the token is invalid. It is not shown, and is not an error of the operator.
		w.Header().Set("WWW-Authenticate", `Bearer realm="journeyman"`)
		http.Error(w, "send Authorization: Bearer and a token of this cluster", http.StatusUnauthorized)
		return
	}
	decision, _, err := v.may.Authorize(r.Context(), authorizer.AttributesRecord{
		User: caller.User, Verb: strings.ToLower(r.Method), Path: r.URL.Path,
	})
	switch {
	case err != nil:
		v.broken(w, err)
	case decision != authorizer.DecisionAllow:
		http.Error(w, caller.User.GetName()+" may not get "+r.URL.Path, http.StatusForbidden)
	default:
		v.next.ServeHTTP(w, r)
	}
}

func (v *review) broken(w http.ResponseWriter, err error) {
	v.log.Error(err, "the API server does not report who can read the metrics")
	http.Error(w, "the API server does not report who can read this", http.StatusServiceUnavailable)
}

// unanswered distinguishes an API server that could not be reached from one that does not know the token, which is an error without a type.
func unanswered(err error) bool {
	if many, ok := errors.AsType[utilerrors.Aggregate](err); ok {
		for _, one := range many.Errors() {
			if unanswered(one) {
				return true
			}
		}
		return false
	}
	_, transport := errors.AsType[*url.Error](err)
	return transport || apierrors.ReasonForError(err) != metav1.StatusReasonUnknown || errors.Is(err, context.DeadlineExceeded)
}
