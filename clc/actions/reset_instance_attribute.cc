// ResetInstanceAttribute: gives an attribute of an instance its first value back.
#include "clc/actions/instance_attribute.h"

namespace angophora::clc {

enum class ResettableInstanceAttribute { kernel, ramdisk, source_dest_check };
constexpr auto wire_names(ResettableInstanceAttribute) {
  using R = ResettableInstanceAttribute;
  return std::to_array<std::pair<const char*, R>>(
      {{"kernel", R::kernel}, {"ramdisk", R::ramdisk}, {"sourceDestCheck", R::source_dest_check}});
}

namespace actions::reset_instance_attribute {
namespace {

struct Request {
  InstanceId id;
  ResettableInstanceAttribute attribute = ResettableInstanceAttribute::kernel;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("InstanceId"),
    required<&Request::attribute>("Attribute"),
};

// The check of senders is always on, which is what resetting asks for.
Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto check = [caller, request](Tx& tx) -> Result<> {
    TRY(const auto instance, named_instance(tx, caller, request.id));
    if (request.attribute == ResettableInstanceAttribute::source_dest_check) return common::ok();
    return must_be_stopped(instance);
  };
  CO_TRY_VOID(co_await s.db.read(check));
  co_return reply_true();
}

}  // namespace

extern const Action ResetInstanceAttribute{
    .name = "ResetInstanceAttribute",
    .permission = "ec2:ResetInstanceAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::reset_instance_attribute
}  // namespace angophora::clc
