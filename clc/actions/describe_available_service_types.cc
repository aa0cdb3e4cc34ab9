// DescribeAvailableServiceTypes (bootstrap): what can be registered, and what it is for.
#include "clc/actions/bootstrap.h"

namespace angophora::clc::actions::describe_available_service_types {
namespace {

struct Request {};

struct TypeRow {
  ServiceType type;
  const char* title;
  const char* description;
  bool registerable;
  bool is_public;  // users speak to it
};

constexpr TypeRow kTypes[] = {
    {ServiceType::cloud, "Cloud", "The cloud controller: the EC2, IAM and STS APIs; one a cloud.",
     false, true},
    {ServiceType::cluster, "Cluster", "A cluster controller: finds nodes for guests; one a zone.",
     true, false},
    {ServiceType::node, "Node", "A node controller: runs the guests of its host.", true, false},
    {ServiceType::storage, "Storage",
     "A storage controller: keeps volumes and snapshots; one a zone.", true, false},
    {ServiceType::walrus, "Walrus", "Walrus, the object store: the S3 API, images; one a cloud.",
     true, true},
};

void add_type(const TypeRow& row, Element& item) {
  const std::string name(to_string(row.type));
  item.add("componentName", name).add("componentCapitalizedName", row.title);
  item.add("description", row.description).add("registerable", row.registerable);
  item.add("requiresName", row.registerable).add("partitioned", has_zone(row.type));
  item.add("publicApiService", row.is_public).add("defaultPort", default_port(row.type));
  item.child("serviceGroups");
  item.child("serviceGroupMembers");
}

Task<Reply> handle(Services&, Caller, Request) {
  Reply reply;
  reply.list("available", kTypes, add_type);
  co_return reply;
}

}  // namespace

extern const Action DescribeAvailableServiceTypes{
    .name = "DescribeAvailableServiceTypes",
    .permission = "bootstrap:DescribeAvailableServiceTypes",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kNoParams<Request>, handle>,
};

}  // namespace angophora::clc::actions::describe_available_service_types
