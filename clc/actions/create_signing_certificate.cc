// CreateSigningCertificate: makes a key and a certificate that a user signs with; the key is shown
// this once.
#include "clc/actions/certificate_limit.h"
#include "clc/domain/new_identity.h"

namespace angophora::clc::actions::create_signing_certificate {
namespace {

struct Request {
  std::string user;
  std::string delegate;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx) {
    return subject_of(tx, caller, request.delegate, request.user);
  };
  CO_TRY(const auto subject, co_await s.db.read(find));
  auto make = [&s, subject] { return new_certificate(s.runtime, subject.account, subject.user); };
  CO_TRY(const auto made, co_await s.runtime.run_blocking(std::move(make)));
  const auto count_max = s.properties.number("cloud.signing_certificates_max");
  const auto keep = [caller, request, made, count_max](Tx& tx) -> Result<> {
    TRY_VOID(subject_of(tx, caller, request.delegate, request.user));
    return insert_certificate(tx, made.certificate, count_max);
  };
  CO_TRY_VOID(co_await commit(s, caller, keep));
  s.changes.identities.notify();
  Reply reply;
  auto& certificate = reply.child("Certificate");
  add_certificate(certificate, made.certificate, subject.user);
  certificate.add("PrivateKey", made.private_key_pem);
  co_return reply;
}

}  // namespace

extern const Action CreateSigningCertificate{
    .name = "CreateSigningCertificate",
    .permission = "iam:CreateSigningCertificate",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_signing_certificate
