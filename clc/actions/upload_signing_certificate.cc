// UploadSigningCertificate: a certificate that a user made himself.
#include "clc/actions/certificate_limit.h"
#include "common/crypto/x509.h"

namespace angophora::clc::actions::upload_signing_certificate {
namespace {

struct Request {
  std::string body;
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    required<&Request::body>("CertificateBody"),
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  auto read = [body = request.body] { return crypto::Certificate::from_pem(body); };
  auto parsed = co_await s.runtime.run_blocking(std::move(read));
  if (!parsed)
    co_return Error(IdentityErrc::bad_certificate,
                    "CertificateBody is not an X.509 certificate in PEM form.");
  UserCertificate certificate;
  certificate.id = new_identity_id(s.runtime, "ASCA");
  certificate.pem = parsed.value().pem();
  certificate.created_at = s.runtime.now();
  const auto count_max = s.properties.number("cloud.signing_certificates_max");
  const auto keep = [caller, request, certificate, count_max](Tx& tx) mutable -> Result<Reply> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    certificate.user = subject.user.id;
    TRY_VOID(insert_certificate(tx, certificate, count_max));
    Reply reply;
    add_certificate(reply.child("Certificate"), certificate, subject.user);
    return reply;
  };
  co_return co_await make_iam(s, caller, keep);
}

}  // namespace

extern const Action UploadSigningCertificate{
    .name = "UploadSigningCertificate",
    .permission = "iam:UploadSigningCertificate",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::upload_signing_certificate
