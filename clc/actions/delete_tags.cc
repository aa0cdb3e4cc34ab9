// DeleteTags: takes tags from objects of the caller's account: those of the given keys, with a
// value only where it is that one, and all when the request names none. What is not there is no
// error.
#include "clc/actions/tag_parameters.h"
#include "clc/store/tags.h"
#include "common/log/log.h"

namespace angophora::clc::actions::delete_tags {
namespace {

struct Request {
  std::vector<std::string> resources;
  std::vector<TagParameter> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::resources>("ResourceId"),
    optional<&Request::tags>("Tag"),
};

Result<> remove(Tx& tx, const AccountId& account, const Request& request) {
  TRY_VOID(check_resources(tx, account, request.resources));
  TagRows rows(tx);
  for (const auto& id : request.resources) {
    if (request.tags.empty()) TRY_VOID(rows.remove_all(id));
    for (const auto& tag : request.tags) TRY_VOID(rows.remove(id, tag.key, tag.value));
  }
  return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  for (const auto& tag : request.tags)
    CO_TRY_VOID(check_tag(tag.key, tag.value.value_or(std::string())));
  const auto change = [account = caller.account, request](Tx& tx) {
    return remove(tx, account, request);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  log::info("tags.deleted", {{"request_id", caller.request_id},
                             {"resource", request.resources.front()},
                             {"resources", request.resources.size()}});
  co_return reply_true();
}

}  // namespace

extern const Action DeleteTags{
    .name = "DeleteTags",
    .permission = "ec2:DeleteTags",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::delete_tags
