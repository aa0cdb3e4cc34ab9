// CreateTags: adds tags to objects of the caller's account, or overwrites their values. All of it
// or nothing.
#include "clc/actions/tag_parameters.h"
#include "clc/store/tags.h"
#include "common/log/log.h"

namespace angophora::clc::actions::create_tags {
namespace {

struct Request {
  std::vector<std::string> resources;
  std::vector<TagParameter> tags;
};

constexpr Param<Request> kParams[] = {
    required<&Request::resources>("ResourceId"),
    required<&Request::tags>("Tag"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY(const auto tags, tags_of(request.tags));
  const auto change = [account = caller.account, resources = request.resources,
                       tags](Tx& tx) -> Result<> {
    TRY_VOID(check_resources(tx, account, resources));
    for (const auto& id : resources) TRY_VOID(TagRows(tx).put(account, id, tags));
    return common::ok();
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  log::info("tags.created", {{"request_id", caller.request_id},
                             {"resource", request.resources.front()},
                             {"resources", request.resources.size()},
                             {"tags", tags.size()}});
  co_return reply_true();
}

}  // namespace

extern const Action CreateTags{
    .name = "CreateTags",
    .permission = "ec2:CreateTags",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::create_tags
