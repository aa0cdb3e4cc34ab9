// ModifyVolumeAttribute: keeps the one attribute of a volume that can be set, autoEnableIO.
#include "clc/actions/volume_selection.h"
#include "clc/store/volumes.h"

namespace angophora::clc::actions::modify_volume_attribute {
namespace {

struct BooleanValue {
  std::optional<bool> value;
  static auto params() { return std::to_array({optional<&BooleanValue::value>("Value")}); }
};

struct Request {
  VolumeId id;
  BooleanValue auto_enable_io;
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("VolumeId"),
    optional<&Request::auto_enable_io>("AutoEnableIO"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  if (!request.auto_enable_io.value) co_return missing_parameter("AutoEnableIO.Value");
  const auto change = [caller, id = request.id,
                       enabled = *request.auto_enable_io.value](Tx& tx) -> Result<> {
    TRY(const auto volume, named_volume(tx, caller, id));
    return Volumes(tx).set_auto_enable_io(volume.id, enabled);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return reply_true();
}

}  // namespace

extern const Action ModifyVolumeAttribute{
    .name = "ModifyVolumeAttribute",
    .permission = "ec2:ModifyVolumeAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::modify_volume_attribute
