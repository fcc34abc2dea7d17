// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package objects

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"github.com/journeyman-dev/journeyman/api/v1alpha1"
	"github.com/journeyman-dev/journeyman/internal/podconfig"
	"github.com/journeyman-dev/journeyman/internal/pull"
	"github.com/journeyman-dev/journeyman/internal/pull/secure"
)

const (
	s3Field = "spec.transport.files.from.s3"
	// defaultRegion is that of servers which have no regions.
	defaultRegion = "us-east-1"
	// patience limits a request with its response, attempts the number of requests for a part of an object, and pause the time between them.
	patience = time.Minute
	attempts = 3
	pause    = 200 * time.Millisecond
)

// bucket is a bucket of S3.
type bucket struct {
	spec      *v1alpha1.S3Bucket
	client    minio.Core
	transport *http.Transport
}

// newBucket returns a bucket. The credentials are those of the spec, or none: the client looks for no others.
func newBucket(spec *v1alpha1.S3Bucket, s *pull.Settings) (*bucket, error) {
	region := spec.Region
	if region == "" {
		region = defaultRegion
	}
	endpoint, encrypted := "s3."+region+".amazonaws.com", true
	if spec.Endpoint != "" {
		u, err := url.Parse(spec.Endpoint)
		if err != nil {
			return nil, &pull.Error{Reason: pull.Misconfigured, Message: s3Field + ".endpoint is not a URL", Cause: err}
		}
		endpoint, encrypted = u.Host, u.Scheme == "https"
	}
	b := &bucket{spec: spec, transport: &http.Transport{
		DialContext: s.Dial, ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, TLSHandshakeTimeout: 10 * time.Second,
		ResponseHeaderTimeout: patience, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10, DisableCompression: true,
	}}
	if spec.TLS != nil {
		var err error
		if b.transport.TLSClientConfig, err = secure.TLS(s3Field+".tls", spec.TLS, s.Files); err != nil {
			return nil, err
		}
	}
	keys := credentials.NewStatic("", "", "", credentials.SignatureAnonymous)
	if a := spec.Auth; a != nil {
		keys = credentials.NewStaticV4(a.AccessKeyID, secure.Line(s.Files[podconfig.FilePassword]), "")
	}
	client, err := minio.New(endpoint, &minio.Options{
		Creds: keys, Secure: encrypted, Transport: b.transport, Region: region, MaxRetries: attempts,
	})
	if err != nil {
		return nil, &pull.Error{Reason: pull.Misconfigured, Message: s3Field + ".endpoint cannot be used", Cause: err}
	}
	b.client = minio.Core{Client: client}
	return b, nil
}

func (b *bucket) name() string {
	return strings.Join([]string{"s3", b.spec.Endpoint, b.spec.Region, b.spec.BucketName, b.spec.Prefix}, "\x00")
}

func (b *bucket) list(ctx context.Context, take func(object) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	noOwner := false
	for o := range b.client.ListObjectsIter(ctx, b.spec.BucketName, minio.ListObjectsOptions{Prefix: b.spec.Prefix, Recursive: true, FetchOwner: &noOwner}) {
		if o.Err != nil {
			return o.Err
		}
		if err := take(newObject(o.Key, o.ETag, o.Size, o.LastModified)); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (b *bucket) open(_ context.Context, o *object) (content, error) {
	return &part{bucket: b, key: o.name, etag: o.version}, nil
}

func (b *bucket) rest() { b.transport.CloseIdleConnections() }

// part is an object that is read in parts, all of the same version.
type part struct {
	*bucket
	key, etag string
}

func (p *part) fill(ctx context.Context, into []byte, offset int64) error {
	for n := 1; ; n++ {
		err := p.once(ctx, into, offset)
		if err == nil || n == attempts || ctx.Err() != nil || minio.ToErrorResponse(err).Code != "" {
			return ofObject(err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// once fetches a part of the object. A response can break off.
func (p *part) once(ctx context.Context, into []byte, offset int64) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	o := minio.GetObjectOptions{}
	if err := o.SetRange(offset, offset+int64(len(into))-1); err != nil {
		return err
	}
	if err := o.SetMatchETag(p.etag); err != nil {
		return err
	}
	body, _, _, err := p.client.GetObject(ctx, p.spec.BucketName, p.key, o)
	if err != nil {
		return err
	}
	_, err = io.ReadFull(body, into)
	return errors.Join(err, body.Close())
}

func (p *part) close(context.Context, bool) error { return nil } // Each part was of the version.

// ofObject returns the errors of a single object.
func ofObject(err error) error {
	switch r := minio.ToErrorResponse(err); {
	case err == nil:
		return nil
	case r.Code == minio.NoSuchKey:
		return errGone
	case r.StatusCode == http.StatusPreconditionFailed, r.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		return errChanged
	case r.Code == "InvalidObjectState":
		return &brokenError{errors.New("the object is in an archive: restore it")}
	case r.StatusCode == http.StatusForbidden:
		return fmt.Errorf("%w: %w", errDenied, err)
	}
	return err
}

func (b *bucket) explain(err error) error {
	r := minio.ToErrorResponse(err)
	if errors.Is(err, errDenied) {
		return &pull.Error{
			Reason: pull.Unauthorized, Cause: err,
			Message: "the server does not give the pods an object: allow s3:GetObject for the access key of " + s3Field + ".auth",
		}
	}
	if err != nil && strings.Contains(err.Error(), "server gave HTTP response to HTTPS client") {
		return &pull.Error{Reason: pull.Misconfigured, Cause: err, Message: "the server does not use TLS on this port: correct " + s3Field + ".endpoint"}
	}
	for _, k := range s3Errors {
		if k.is(&r) {
			return &pull.Error{Reason: k.reason, Message: fmt.Sprintf(k.message, r.Region), Cause: err}
		}
	}
	return explained(err, s3Field+".endpoint")
}

// s3Errors are the errors that users can do something about. A message can have the region of the bucket.
var s3Errors = []struct {
	is      func(r *minio.ErrorResponse) bool
	reason  string
	message string
}{
	{
		code(minio.NoSuchBucket), pull.NotFound,
		"the bucket " + s3Field + ".bucketName does not exist there: create it, or correct the name, region or endpoint%.0s",
	},
	{
		func(r *minio.ErrorResponse) bool { return r.Region != "" && elsewhere[r.Code] }, pull.Misconfigured,
		"the bucket is in another region: set " + s3Field + ".region to %s",
	},
	{
		func(r *minio.ErrorResponse) bool {
			return elsewhere[r.Code] || r.StatusCode == http.StatusMovedPermanently
		}, pull.Misconfigured,
		"the bucket is in another region: correct " + s3Field + ".region%.0s",
	},
	{
		func(r *minio.ErrorResponse) bool {
			return r.Code == "InvalidAccessKeyId" || r.Code == "XAdminUserNotFound"
		}, pull.Unauthorized,
		"the server does not know the access key: correct " + s3Field + ".auth.accessKeyID%.0s",
	},
	{
		code("SignatureDoesNotMatch"), pull.Unauthorized,
		"the server refuses the signature: compare the Secret of " + s3Field + ".auth.secretAccessKeySecretRef with the access key%.0s",
	},
	{
		code("RequestTimeTooSkewed"), pull.Misconfigured, "the clock of the node differs from that of the server by more than 15 minutes: correct it%.0s",
	},
	{
		func(r *minio.ErrorResponse) bool {
			return r.StatusCode == http.StatusForbidden || r.StatusCode == http.StatusUnauthorized
		}, pull.Unauthorized,
		"the server does not let the pods list the bucket: allow s3:ListBucket for the access key of " + s3Field + ".auth%.0s",
	},
	{
		func(r *minio.ErrorResponse) bool {
			return r.StatusCode >= http.StatusInternalServerError || r.StatusCode == http.StatusTooManyRequests
		},
		pull.Unreachable, "the server of the bucket is not available, or asks for fewer requests; it is tried again%.0s",
	},
}

// elsewhere are the codes for a bucket in another region.
var elsewhere = map[string]bool{
	"AuthorizationHeaderMalformed": true, "PermanentRedirect": true, "IllegalLocationConstraintException": true, "TemporaryRedirect": true, "InvalidRegion": true,
}

func code(want string) func(r *minio.ErrorResponse) bool {
	return func(r *minio.ErrorResponse) bool { return r.Code == want }
}
