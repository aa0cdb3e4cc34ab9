// ListSigningCertificates: the certificates that a user signs with.
#include "clc/actions/iam.h"
#include "clc/store/signing_certificates.h"

namespace angophora::clc::actions::list_signing_certificates {
namespace {

struct Request {
  std::string user;
  std::string delegate;
  Paging paging;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};

struct Found {
  User user;
  std::vector<UserCertificate> certificates;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListSigningCertificates"));
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(auto all, SigningCertificates(tx).of(subject.user.id));
    return Found{subject.user, std::move(all)};
  };
  CO_TRY(auto found, co_await s.db.read(find));
  const auto last =
      cut_page(found.certificates, page, [](const UserCertificate& one) { return one.id; });
  Reply reply;
  reply.list(
      "Certificates", found.certificates,
      [&](const UserCertificate& one, Element& item) { add_certificate(item, one, found.user); },
      "member");
  close_iam_page(reply, s, caller, "ListSigningCertificates", last);
  co_return reply;
}

}  // namespace

extern const Action ListSigningCertificates{
    .name = "ListSigningCertificates",
    .permission = "iam:ListSigningCertificates",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_signing_certificates
