// ListAccessKeys: the keys of a user, without their secrets.
#include "clc/actions/iam.h"
#include "clc/store/access_keys.h"

namespace angophora::clc::actions::list_access_keys {
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
  std::vector<AccessKey> keys;
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto page, open_iam_page(s, request.paging, caller, "ListAccessKeys"));
  const auto find = [caller, request](Tx& tx) -> Result<Found> {
    TRY(const auto subject, subject_of(tx, caller, request.delegate, request.user));
    TRY(auto all, AccessKeys(tx).of(subject.user.id));
    return Found{subject.user, std::move(all)};
  };
  CO_TRY(auto found, co_await s.db.read(find));
  const auto last = cut_page(found.keys, page, [](const AccessKey& one) { return one.id; });
  Reply reply;
  reply.list(
      "AccessKeyMetadata", found.keys,
      [&](const AccessKey& one, Element& item) {
        item.add("UserName", found.user.name).add("AccessKeyId", one.id);
        item.add("Status", status_text(one.active)).add("CreateDate", one.created_at);
      },
      "member");
  close_iam_page(reply, s, caller, "ListAccessKeys", last);
  co_return reply;
}

}  // namespace

extern const Action ListAccessKeys{
    .name = "ListAccessKeys",
    .permission = "iam:ListAccessKeys",
    .api = Api::iam,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::list_access_keys
