#include "clc/http/resources.h"

#include <algorithm>

#include "clc/domain/addresses.h"
#include "clc/store/key_pairs.h"
#include "clc/store/profile_associations.h"
#include "clc/store/public_addresses.h"
#include "clc/store/roles.h"
#include "clc/store/security_groups.h"
#include "clc/store/tags.h"
#include "clc/store/user_groups.h"
#include "clc/store/users.h"
#include "common/policy/arn.h"

namespace angophora::clc {
namespace {

using RequestedResources = std::vector<RequestedResource>;

std::vector<std::string> values_of(const Parameters::Node& node) {
  std::vector<std::string> values;
  if (node.value) values.push_back(*node.value);
  for (const auto& [number, child] : node.children)
    if (child.value) values.push_back(*child.value);
  return values;
}

// Parameters of EC2 that name objects by their ids, at whatever depth; what kind it is tells the
// id.
constexpr const char* kIdParameters[] = {
    "InstanceId", "VolumeId",        "SnapshotId",   "ImageId",  "KernelId",  "RamdiskId",
    "GroupId",    "SecurityGroupId", "AllocationId", "SubnetId", "ResourceId"};

// What actions make: its ARN ends in '*', as it has no id yet.
struct Maker {
  std::string_view action, kind;
};
constexpr Maker kMakers[] = {
    {"RunInstances", "instance"},   {"RunInstances", "network-interface"},
    {"RunInstances", "volume"},     {"CreateVolume", "volume"},
    {"CreateSnapshot", "snapshot"}, {"CreateSecurityGroup", "security-group"},
    {"RegisterImage", "image"},     {"AllocateAddress", "elastic-ip"},
};

class Ec2 {
 public:
  Ec2(Tx& tx, const Parameters& parameters, const Caller& caller, std::string_view region)
      : tx_(tx), parameters_(parameters), caller_(caller), region_(region) {}

  Result<RequestedResources> of(std::string_view action) {
    for (const auto& maker : kMakers)
      if (maker.action == action) add(maker.kind, "*", {});
    add_ids(parameters_.root());
    TRY_VOID(add_groups_by_name(action));
    TRY_VOID(add_keys());
    TRY_VOID(add_profile());
    TRY_VOID(add_addresses());
    // What a launch takes by itself when the request names none.
    if (action == "RunInstances")
      for (const auto* kind : {"subnet", "security-group"})
        if (!has(kind)) add(kind, "*", {});
    return std::move(found_);
  }

 private:
  void add(std::string_view kind, std::string_view name, std::string id) {
    // Images and snapshots may be anybody's: AWS gives them no account.
    const bool is_anybodys = kind == "image" || kind == "snapshot";
    const std::string_view account = is_anybodys ? std::string_view() : caller_.account.value;
    if (kind.empty()) kind = "*";
    found_.push_back({policy::ec2_arn(region_, account, kind, name), std::move(id)});
  }
  bool has(const std::string& kind) const {
    return std::any_of(found_.begin(), found_.end(), [&](const RequestedResource& one) {
      return one.arn.find(":" + kind + "/") != std::string::npos;
    });
  }
  // A rule's other groups are not what the request is about.
  void add_ids(const Parameters::Node& node) {
    for (const auto& [name, child] : node.children) {
      if (name == "IpPermissions" || name == "Filter") continue;
      if (std::find(std::begin(kIdParameters), std::end(kIdParameters), name) !=
          std::end(kIdParameters)) {
        for (const auto& id : values_of(child)) add(kind_of(id), id, id);
      } else {
        add_ids(child);
      }
    }
  }
  static std::string_view kind_of(const std::string& id) {
    return id.starts_with("subnet-") ? "subnet" : resource_type_of(id);
  }
  // Whoever gives an instance a profile passes the profile's role on. A profile that is not there
  // is refused by the action.
  Result<> add_profile() {
    const auto& children = parameters_.root().children;
    const auto wish = children.find("IamInstanceProfile");
    if (wish == children.end()) return common::ok();
    for (const auto& [member, child] : wish->second.children) {
      const auto text = child.value.value_or("");
      const auto profile =
          InstanceProfiles(tx_).find(caller_.account, text.substr(text.rfind('/') + 1));
      if (!profile || profile.assume_value().role.value.empty()) continue;
      TRY(const auto role, Roles(tx_).find(profile.assume_value().role));
      if (role) found_.push_back({arn_of(*role), {}, "iam:PassRole"});
    }
    return common::ok();
  }
  // An address that is named by itself or by its association is the allocation behind it.
  Result<> add_addresses() {
    PublicAddresses addresses(tx_);
    for (const auto& text : values_of(parameters_, "PublicIp")) {
      const auto address = parse_address(text);
      std::optional<PublicAddress> found;
      if (address) {
        TRY(found, addresses.find(*address));
      }
      add_address(found);
    }
    for (const auto& id : values_of(parameters_, "AssociationId")) {
      if (id.starts_with("iip-assoc-")) {
        TRY(const auto association, ProfileAssociations(tx_).find(caller_.account, id));
        const auto instance = association ? association->instance.value : std::string();
        add("instance", association ? instance : "*", instance);
        continue;
      }
      TRY(const auto found, addresses.find(AssociationId(id)));
      add_address(found);
    }
    return common::ok();
  }
  void add_address(const std::optional<PublicAddress>& found) {
    const bool is_own = found && found->account == caller_.account && found->is_elastic();
    const auto id = is_own ? found->allocation.value : std::string();
    add("elastic-ip", is_own ? id : "*", id);
  }
  // A group that is not there is refused by the action, to those who may name any.
  Result<> add_groups_by_name(std::string_view action) {
    const bool makes_it = action == "CreateSecurityGroup";
    const char* names = action == "RunInstances" ? "SecurityGroup" : "GroupName";
    if (makes_it) return common::ok();
    for (const auto& name : values_of(parameters_, names)) {
      const auto group = SecurityGroups(tx_).find_by_name(caller_.account, name);
      const auto id = group ? group.assume_value().id.value : std::string();
      add("security-group", id.empty() ? "*" : id, id);
    }
    return common::ok();
  }
  Result<> add_keys() {
    for (const auto& name : values_of(parameters_, "KeyName")) add("key-pair", name, {});
    const auto ids = values_of(parameters_, "KeyPairId");
    if (ids.empty()) return common::ok();
    TRY(const auto keys, KeyPairs(tx_).list(caller_.account));
    for (const auto& id : ids) {
      std::string name = "*";
      for (const auto& key : keys)
        if (key.id.value == id) name = key.name;
      add("key-pair", name, id);
    }
    return common::ok();
  }

  Tx& tx_;
  const Parameters& parameters_;
  const Caller& caller_;
  std::string_view region_;
  RequestedResources found_;
};

class Iam {
 public:
  Iam(Tx& tx, const Parameters& parameters, const Caller& caller)
      : tx_(tx), parameters_(parameters), caller_(caller) {}

  // Where several are named, AWS judges the one that is changed: the group that gets a user, the
  // user or group that gets a policy.
  Result<RequestedResources> of(std::string_view action) {
    for (const auto& [list, kind] : kLists)
      if (action == list) {
        add(kind, one("PathPrefix", "/"), "*");
        return std::move(found_);
      }
    if (const auto name = one("InstanceProfileName", ""); !name.empty())
      return of_instance_profile(action, name);
    if (const auto name = one("RoleName", ""); !name.empty()) {
      add_role(name, {});
      return std::move(found_);
    }
    if (const auto name = one("GroupName", ""); !name.empty()) return of_group(action, name);
    if (const auto name = one("UserName", ""); !name.empty()) return of_user(action, name);
    if (const auto arn = one("PolicyArn", ""); !arn.empty()) {
      found_.push_back({arn, {}});
    } else if (action == "CreatePolicy") {
      add("policy", one("Path", "/"), one("PolicyName", "*"));
    } else if (acts_on_caller(action)) {
      found_.push_back({caller_.user_arn, {}});
    } else {
      found_.push_back({"*", {}});
    }
    return std::move(found_);
  }

 private:
  static constexpr std::pair<std::string_view, std::string_view> kLists[] = {
      {"ListUsers", "user"},
      {"ListGroups", "group"},
      {"ListRoles", "role"},
      {"ListInstanceProfiles", "instance-profile"}};
  static bool acts_on_caller(std::string_view action) {
    return action == "GetUser" || action == "ChangePassword" ||
           action.find("AccessKey") != std::string_view::npos ||
           action.find("SigningCertificate") != std::string_view::npos;
  }
  std::string one(const std::string& name, std::string otherwise) const {
    const auto values = values_of(parameters_, name);
    return values.empty() ? std::move(otherwise) : values.front();
  }
  void add(std::string_view kind, std::string_view path, std::string_view name) {
    found_.push_back({policy::iam_arn(caller_.account.value, kind, path, name), {}});
  }
  Result<RequestedResources> of_group(std::string_view action, const std::string& name) {
    const auto group = UserGroups(tx_).find(caller_.account, name);
    add("group", group ? group.assume_value().path : one("Path", "/"), name);
    if (const auto renamed = one("NewGroupName", ""); action == "UpdateGroup" && !renamed.empty())
      add("group", one("NewPath", "/"), renamed);
    return std::move(found_);
  }
  void add_role(const std::string& name, std::string action) {
    const auto role = Roles(tx_).find(caller_.account, name);
    add("role", role ? role.assume_value().path : one("Path", "/"), name);
    found_.back().action = std::move(action);
  }
  // Whoever gives it a role passes the role on.
  Result<RequestedResources> of_instance_profile(std::string_view action, const std::string& name) {
    const auto profile = InstanceProfiles(tx_).find(caller_.account, name);
    add("instance-profile", profile ? profile.assume_value().path : one("Path", "/"), name);
    if (action == "AddRoleToInstanceProfile") add_role(one("RoleName", "*"), "iam:PassRole");
    return std::move(found_);
  }
  Result<RequestedResources> of_user(std::string_view action, const std::string& name) {
    const auto user = Users(tx_).find(caller_.account, name);
    add("user", user ? user.assume_value().path : one("Path", "/"), name);
    if (const auto renamed = one("NewUserName", ""); action == "UpdateUser" && !renamed.empty())
      add("user", one("NewPath", "/"), renamed);
    return std::move(found_);
  }

  Tx& tx_;
  const Parameters& parameters_;
  const Caller& caller_;
  RequestedResources found_;
};

std::string one_value(const Parameters& parameters, const std::string& name) {
  const auto values = values_of(parameters, name);
  return values.empty() ? std::string() : values.front();
}

// The role, and what the request wants of it beside taking it on. One that is not there trusts
// nobody: its name tells nothing.
Result<RequestedResources> of_assumed_role(Tx& tx, const Parameters& parameters) {
  constexpr char kNobodys[] = "-";
  RequestedResource wanted;
  wanted.arn = one_value(parameters, "RoleArn");
  TRY(const auto role, Roles(tx).find_by_arn(wanted.arn));
  wanted.account = role ? role->account.value : kNobodys;
  if (role) {
    TRY(auto document, policy::parse(role->trust, policy::trust_rules()));
    wanted.trust = policy::NamedPolicy{"trust policy of " + role->name, std::move(document)};
  }
  RequestedResources found = {wanted};
  const auto& children = parameters.root().children;
  const std::pair<const char*, const char*> kMore[] = {{"Tags", "sts:TagSession"},
                                                       {"SourceIdentity", "sts:SetSourceIdentity"}};
  for (const auto& [parameter, action] : kMore)
    if (children.contains(parameter)) {
      wanted.action = action;
      found.push_back(wanted);
    }
  return found;
}

Result<RequestedResources> of_sts(Tx& tx, std::string_view action, const Parameters& parameters,
                                  const Caller& caller) {
  if (action == "AssumeRole") return of_assumed_role(tx, parameters);
  if (action != "GetFederationToken") return RequestedResources();
  RequestedResource user;
  user.arn =
      "arn:aws:sts::" + caller.account.value + ":federated-user/" + one_value(parameters, "Name");
  return RequestedResources{std::move(user)};
}

bool lists(std::string_view action) {
  return action.starts_with("Describe") && !action.ends_with("Attribute");
}

}  // namespace

std::vector<std::string> values_of(const Parameters& parameters, const std::string& name) {
  const auto& children = parameters.root().children;
  const auto found = children.find(name);
  return found == children.end() ? std::vector<std::string>() : values_of(found->second);
}

Result<std::vector<RequestedResource>> resources_of(Tx& tx, const Action& action,
                                                    const Parameters& parameters,
                                                    const Caller& caller, std::string_view region) {
  RequestedResources found;
  if (action.api == Api::iam) {
    TRY(found, Iam(tx, parameters, caller).of(action.name));
  } else if (action.api == Api::sts) {
    TRY(found, of_sts(tx, action.name, parameters, caller));
  } else if (action.api == Api::ec2 && !lists(action.name)) {
    TRY(found, Ec2(tx, parameters, caller, region).of(action.name));
  }
  if (found.empty()) found.push_back({"*", {}});
  return found;
}

}  // namespace angophora::clc
