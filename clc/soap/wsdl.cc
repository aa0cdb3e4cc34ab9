#include "clc/soap/wsdl.h"

#include "clc/actions/action_table.h"
#include "clc/soap/ec2_namespace.h"
#include "clc/soap/element_names.h"
#include "common/xml/writer.h"

namespace angophora::clc {
namespace {

using Form = MessageElement::Form;

// XML one element a line, for people to read.
class Lines {
 public:
  void open(const std::string& tag) {
    line("<" + tag + ">");
    names_.push_back(tag.substr(0, tag.find(' ')));
  }
  void close() {
    const auto name = names_.back();
    names_.pop_back();
    line("</" + name + ">");
  }
  void line(const std::string& text) {
    text_.append(names_.size() * 2, ' ').append(text).append("\n");
  }
  bool is_open() const { return !names_.empty(); }
  std::string finish() && { return std::move(text_); }

 private:
  std::string text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  std::vector<std::string> names_;
};

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml::escape_attribute(value) + "\"";
}

const char* type_of(ParamKind kind) {
  switch (kind) {
    case ParamKind::number:
      return "xs:long";
    case ParamKind::boolean:
      return "xs:boolean";
    case ParamKind::time:
      return "xs:dateTime";
    default:
      return "xs:string";
  }
}

constexpr char kOptional[] = " minOccurs=\"0\"";
constexpr char kRepeated[] = " minOccurs=\"0\" maxOccurs=\"unbounded\"";

void write_members(Lines& out, const std::vector<MessageElement>& members);

void open_type(Lines& out, const std::string& element, const std::string& occurs) {
  out.open("xs:element" + attribute("name", element) + occurs);
  out.open("xs:complexType");
  out.open("xs:sequence");
}
void close_type(Lines& out) {
  for (int i = 0; i < 3; ++i) out.close();
}

void write_simple(Lines& out, const std::string& name, ParamKind kind, const std::string& occurs) {
  out.line("<xs:element" + attribute("name", name) + attribute("type", type_of(kind)) + occurs +
           "/>");
}

// An item holds one leaf; where there are several lists in one element, one of theirs.
void write_texts(Lines& out, const MessageElement& e) {
  open_type(out, "item", kRepeated);
  if (!e.members.empty()) out.open("xs:choice");
  write_simple(out, e.leaf, e.kind, "");
  for (const auto& other : e.members) write_simple(out, other.leaf, other.kind, "");
  if (!e.members.empty()) out.close();
  close_type(out);
}

void write_element(Lines& out, const MessageElement& e) {
  const std::string occurs = e.is_required ? "" : kOptional;
  switch (e.form) {
    case Form::value:
      write_simple(out, e.element, e.kind, occurs);
      return;
    case Form::wrapped:
      out.open("xs:element" + attribute("name", e.element) + occurs);
      out.open("xs:complexType");
      out.open("xs:sequence");
      write_simple(out, e.leaf, e.kind, "");
      out.close();
      for (const auto& [name, value] : {std::pair("version", "1.0"), {"encoding", "base64"}})
        out.line("<xs:attribute" + attribute("name", name) + attribute("type", "xs:string") +
                 attribute("default", value) + "/>");
      out.close();
      out.close();
      return;
    case Form::structure:
      open_type(out, e.element, occurs);
      write_members(out, e.members);
      close_type(out);
      return;
    case Form::texts:
      open_type(out, e.element, occurs);
      write_texts(out, e);
      close_type(out);
      return;
    case Form::structures:
      open_type(out, e.element, occurs);
      open_type(out, "item", kRepeated);
      write_members(out, e.members);
      close_type(out);
      close_type(out);
      return;
    case Form::attribute:
      out.line("<xs:element" + attribute("name", e.element) + "><xs:complexType/></xs:element>");
      return;
    case Form::refused:
    case Form::empty:
      return;
  }
}

// Elements for Attribute=... exclude each other.
void write_members(Lines& out, const std::vector<MessageElement>& members) {
  bool in_choice = false;
  for (const auto& e : members) {
    if ((e.form == Form::attribute) != in_choice) {
      in_choice = !in_choice;
      if (in_choice)
        out.open("xs:choice");
      else
        out.close();
    }
    write_element(out, e);
  }
  if (in_choice) out.close();
}

void write_types(Lines& out, const Action& action) {
  open_type(out, action.name, "");
  write_members(out, message_elements(action.name, action.run.parameters()));
  close_type(out);
  open_type(out, std::string(action.name) + "Response", "");
  write_simple(out, "requestId", ParamKind::text, "");
  out.line(std::string("<xs:any namespace=\"##targetNamespace\" processContents=\"skip\"") +
           kRepeated + "/>");
  close_type(out);
}

void write_messages(Lines& out, const std::string& name) {
  for (const auto* kind : {"", "Response"}) {
    out.open("message" + attribute("name", name + (*kind ? kind : "Request")));
    out.line("<part name=\"body\"" + attribute("element", "tns:" + name + kind) + "/>");
    out.close();
  }
}

void write_operation(Lines& out, const std::string& name) {
  out.open("operation" + attribute("name", name));
  out.line("<input" + attribute("message", "tns:" + name + "Request") + "/>");
  out.line("<output" + attribute("message", "tns:" + name + "Response") + "/>");
  out.close();
}

void write_binding(Lines& out, const std::string& name) {
  out.open("operation" + attribute("name", name));
  out.line("<soap:operation" + attribute("soapAction", name) + "/>");
  out.line("<input><soap:body use=\"literal\"/></input>");
  out.line("<output><soap:body use=\"literal\"/></output>");
  out.close();
}

template <class Write>
void for_each_action(Write write) {
  for (const auto* action : all_actions())
    if (action->api == Api::ec2) write(*action);
}

}  // namespace

std::string ec2_wsdl(std::string_view version, std::string_view address) {
  const auto space = ec2_namespace(version);
  Lines out;
  out.open(
      "definitions xmlns=\"http://schemas.xmlsoap.org/wsdl/\""
      " xmlns:soap=\"http://schemas.xmlsoap.org/wsdl/soap/\""
      " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"" +
      attribute("xmlns:tns", space) + attribute("targetNamespace", space));
  out.open("types");
  out.open("xs:schema" + attribute("targetNamespace", space) +
           attribute("elementFormDefault", "qualified"));
  for_each_action([&](const Action& action) { write_types(out, action); });
  out.close();
  out.close();
  for_each_action([&](const Action& action) { write_messages(out, action.name); });
  out.open("portType name=\"AmazonEC2PortType\"");
  for_each_action([&](const Action& action) { write_operation(out, action.name); });
  out.close();
  out.open("binding name=\"AmazonEC2Binding\" type=\"tns:AmazonEC2PortType\"");
  out.line("<soap:binding style=\"document\" transport=\"http://schemas.xmlsoap.org/soap/http\"/>");
  for_each_action([&](const Action& action) { write_binding(out, action.name); });
  out.close();
  out.open("service name=\"AmazonEC2\"");
  out.open("port name=\"AmazonEC2Port\" binding=\"tns:AmazonEC2Binding\"");
  out.line("<soap:address" + attribute("location", address) + "/>");
  while (out.is_open()) out.close();
  return std::move(out).finish();
}

}  // namespace angophora::clc
