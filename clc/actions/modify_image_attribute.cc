// ModifyImageAttribute: an image's description, and who may launch it. In the present form
// (LaunchPermission.Add.1.UserId) and in the old one (Attribute, OperationType, UserId.1).
#include "clc/actions/image_xml.h"
#include "clc/actions/permission_parameters.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/events.h"
#include "clc/store/images.h"

namespace angophora::clc {

namespace actions::modify_image_attribute {
namespace {

struct AttributeValue {
  std::string value;
  static auto params() { return std::to_array({optional<&AttributeValue::value>("Value")}); }
};

struct Request {
  ImageId id;
  PermissionChanges permissions;
  std::optional<AttributeValue> description;
  std::string attribute;
  std::optional<PermissionOperation> operation;
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::optional<std::string> value;
};

const PermissionErrors kPermissionErrors{ImageErrc::bad_attribute_value, ImageErrc::bad_user_id};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("ImageId"),
    optional<&Request::permissions>("LaunchPermission"),
    optional<&Request::description>("Description"),
    optional<&Request::attribute>("Attribute"),
    optional<&Request::operation>("OperationType"),
    optional<&Request::users>("UserId"),
    optional<&Request::groups>("UserGroup"),
    optional<&Request::value>("Value"),
    refused<Request>("ProductCode", "there are no product codes"),
    refused<Request>("OrganizationArn", "there are no organizations"),
    refused<Request>("OrganizationalUnitArn", "there are no organizations"),
};

// Brings the old form into the present one.
Result<> modernise(Request& request) {
  TRY_VOID(take_older_form(request.operation, request.users, request.groups, request.permissions));
  if (request.value) {
    if (request.attribute != "description")
      return invalid_value("Attribute", request.attribute, "description, when Value is given");
    request.description = AttributeValue{*request.value};
  }
  if (!request.attribute.empty() && request.attribute != "description" &&
      request.attribute != "launchPermission")
    return invalid_value("Attribute", request.attribute, "launchPermission or description");
  return common::ok();
}

Result<> apply(Tx& tx, const Request& request) {
  Images images(tx);
  for (const auto& permission : request.permissions.add) {
    if (permission.group == "all")
      TRY_VOID(images.set_public(request.id, true));
    else
      TRY_VOID(images.add_launcher(request.id, AccountId(permission.user)));
  }
  for (const auto& permission : request.permissions.remove) {
    if (permission.group == "all")
      TRY_VOID(images.set_public(request.id, false));
    else
      TRY_VOID(images.remove_launcher(request.id, AccountId(permission.user)));
  }
  if (request.description) TRY_VOID(images.set_description(request.id, request.description->value));
  return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  CO_TRY_VOID(modernise(request));
  CO_TRY_VOID(check(request.permissions, kPermissionErrors));
  if (request.permissions.add.empty() && request.permissions.remove.empty() && !request.description)
    co_return missing_parameter("LaunchPermission");
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) -> Result<> {
    TRY(const auto image, own_image(tx, caller, request.id));
    TRY_VOID(check_accounts(tx, request.permissions.add, kPermissionErrors));
    TRY_VOID(apply(tx, request));
    return Events(tx).append(
        {image.owner, "image.modified", image.id.value, "user=" + caller.user_name}, now);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  co_return reply_true();
}

}  // namespace

extern const Action ModifyImageAttribute{
    .name = "ModifyImageAttribute",
    .permission = "ec2:ModifyImageAttribute",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace actions::modify_image_attribute
}  // namespace angophora::clc
