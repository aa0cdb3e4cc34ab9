// ModifyImageAttribute: an image's description, and who may launch it. In the present form
// (LaunchPermission.Add.1.UserId) and in the old one (Attribute, OperationType, UserId.1).
#include <algorithm>

#include "clc/actions/image_xml.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/events.h"
#include "clc/store/images.h"

namespace angophora::clc {

enum class Operation { add, remove };
constexpr auto wire_names(Operation) {
  return std::to_array<std::pair<const char*, Operation>>(
      {{"add", Operation::add}, {"remove", Operation::remove}});
}

namespace actions {
namespace {

struct Permission {
  std::string user;
  std::string group;
  static auto params() {
    return std::to_array({
        optional<&Permission::user>("UserId"),
        optional<&Permission::group>("Group"),
        refused<Permission>("OrganizationArn", "there are no organizations"),
        refused<Permission>("OrganizationalUnitArn", "there are no organizations"),
    });
  }
};

struct Permissions {
  std::vector<Permission> add;
  std::vector<Permission> remove;
  static auto params() {
    return std::to_array(
        {optional<&Permissions::add>("Add"), optional<&Permissions::remove>("Remove")});
  }
};

struct AttributeValue {
  std::string value;
  static auto params() { return std::to_array({optional<&AttributeValue::value>("Value")}); }
};

struct Request {
  ImageId id;
  Permissions permissions;
  std::optional<AttributeValue> description;
  std::string attribute;
  std::optional<Operation> operation;
  std::vector<std::string> users;
  std::vector<std::string> groups;
  std::optional<std::string> value;
};

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
  for (const auto& user : request.users) {
    if (!request.operation) return missing_parameter("OperationType");
    auto& list =
        *request.operation == Operation::add ? request.permissions.add : request.permissions.remove;
    list.push_back({user, ""});
  }
  for (const auto& group : request.groups) {
    if (!request.operation) return missing_parameter("OperationType");
    auto& list =
        *request.operation == Operation::add ? request.permissions.add : request.permissions.remove;
    list.push_back({"", group});
  }
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

Result<> check(const Permission& permission) {
  if (permission.user.empty() == permission.group.empty())
    return Error(RequestErrc::invalid_combination,
                 "A launch permission names either a UserId or a Group");
  if (!permission.group.empty() && permission.group != "all")
    return Error(ImageErrc::bad_attribute_value,
                 "Invalid attribute item value \"" + permission.group + "\" for group: only all");
  const bool digits = std::all_of(permission.user.begin(), permission.user.end(),
                                  [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (!permission.user.empty() && (permission.user.size() != 12 || !digits))
    return Error(ImageErrc::bad_user_id, "Invalid user id: \"" + permission.user + "\"");
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
  for (const auto& permission : request.permissions.add) CO_TRY_VOID(check(permission));
  for (const auto& permission : request.permissions.remove) CO_TRY_VOID(check(permission));
  if (request.permissions.add.empty() && request.permissions.remove.empty() && !request.description)
    co_return missing_parameter("LaunchPermission");
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) -> Result<> {
    TRY(const auto image, own_image(tx, caller, request.id));
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

}  // namespace actions
}  // namespace angophora::clc
