// ListAccessKeys, UpdateAccessKey and DeleteAccessKey, and the same of signing certificates: what a
// user signs with.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"
#include "clc/store/signing_certificates.h"

namespace angophora::clc::actions::keys_and_certificates {
namespace {

struct Request {
  std::string id;
  Status status{};
  std::string user;
  std::string delegate;
  Paging paging;
};

constexpr char kKey[] = "AccessKeyId", kCertificate[] = "CertificateId";
constexpr Param<Request> kListParams[] = {
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
    max_results<&Request::paging>("MaxItems"),
    next_token<&Request::paging>("Marker"),
};
template <const auto& kId>
constexpr Param<Request> kUpdateParams[] = {
    required<&Request::id>(kId),
    required<&Request::status>("Status"),
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};
template <const auto& kId>
constexpr Param<Request> kDeleteParams[] = {
    required<&Request::id>(kId),
    optional<&Request::user>("UserName"),
    optional<&Request::delegate>("DelegateAccount"),
};

void fill(const AccessKey& key, const User& user, Element& item) {
  item.add("UserName", user.name).add("AccessKeyId", key.id);
  item.add("Status", status_text(key.active)).add("CreateDate", key.created_at);
}
void fill(const UserCertificate& certificate, const User& user, Element& item) {
  add_certificate(item, certificate, user);
}

template <class Store, const auto& kName>
Task<Reply> list(Services& s, Caller caller, Request request) {
  const auto find = [caller, request](Tx& tx, const PageStart&) -> Result<IamRows> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(const auto all, Store(tx).of(subject.user.id));
    IamRows rows;
    for (const auto& one : all) fill(one, subject.user, rows.emplace_back(one.id).element);
    return rows;
  };
  return list_iam(s, std::move(caller), request.paging, std::string("List ") + kName, kName, find);
}

template <class Store, bool kEnds>
Task<Reply> change(Services& s, Caller caller, Request request) {
  const auto work = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(const auto found, Store(tx).find(subject.user.id, request.id));
    if (kEnds) return Store(tx).remove(found.id);
    return Store(tx).set_active(found.id, request.status == Status::active);
  };
  return change_iam(s, std::move(caller), work);
}

constexpr char kKeys[] = "AccessKeyMetadata", kCertificates[] = "Certificates";
using Certificates = SigningCertificates;

}  // namespace

extern const Action ListAccessKeys{
    .name = "ListAccessKeys",
    .permission = "iam:ListAccessKeys",
    .api = Api::iam,
    .run = parse_then<Request, kListParams, list<AccessKeys, kKeys>>,
};
extern const Action UpdateAccessKey{
    .name = "UpdateAccessKey",
    .permission = "iam:UpdateAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kUpdateParams<kKey>, change<AccessKeys, false>>,
};
extern const Action DeleteAccessKey{
    .name = "DeleteAccessKey",
    .permission = "iam:DeleteAccessKey",
    .api = Api::iam,
    .run = parse_then<Request, kDeleteParams<kKey>, change<AccessKeys, true>>,
};
extern const Action ListSigningCertificates{
    .name = "ListSigningCertificates",
    .permission = "iam:ListSigningCertificates",
    .api = Api::iam,
    .run = parse_then<Request, kListParams, list<Certificates, kCertificates>>,
};
extern const Action UpdateSigningCertificate{
    .name = "UpdateSigningCertificate",
    .permission = "iam:UpdateSigningCertificate",
    .api = Api::iam,
    .run = parse_then<Request, kUpdateParams<kCertificate>, change<Certificates, false>>,
};
extern const Action DeleteSigningCertificate{
    .name = "DeleteSigningCertificate",
    .permission = "iam:DeleteSigningCertificate",
    .api = Api::iam,
    .run = parse_then<Request, kDeleteParams<kCertificate>, change<Certificates, true>>,
};

}  // namespace angophora::clc::actions::keys_and_certificates
