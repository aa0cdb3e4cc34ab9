#include "clc/actions/bootstrap.h"

namespace angophora::clc::actions {

Result<ServiceType> service_type_of(const std::string& text) {
  auto name = common::to_lower(text);
  if (name == "walrusbackend" || name == "objectstorage") name = "walrus";
  const auto type = parse_service_type(name);
  if (type && *type != ServiceType::cloud) return *type;
  return Error(
      ServiceErrc::bad_type,
      "Invalid value '" + text + "' for Type: it must be cluster, node, walrus or storage");
}

void add_service_id(Element& into, const Service& service) {
  const auto uri = "https://" + service.host + ":" + std::to_string(service.port);
  const std::string type(to_string(service.type));
  into.add("partition", service.zone.empty() ? type : service.zone.value);
  into.add("name", service.name).add("type", type);
  into.add("fullName", "arn:euca:" + type + ":" + service.zone.value + ":" + service.name.value);
  into.add("host", service.host).add("port", service.port).add("uri", uri);
  into.child("uris").add("item", uri);
}

ServiceName cloud_name() { return ServiceName("clc"); }

Service this_cloud(const Services& s) {
  Service cloud;
  cloud.name = cloud_name();
  cloud.type = ServiceType::cloud;
  cloud.host = s.own_address.host;
  cloud.port = s.own_address.port;
  cloud.enrolled_at = s.runtime.now();
  return cloud;
}

}  // namespace angophora::clc::actions
