using Google.Protobuf.Reflection;

namespace StreamPlatform.Registry.Proto;

/// <summary>Services: no part of any event, kept so that their files can be registered.</summary>
internal sealed partial class ProtoParser
{
    private ServiceDescriptorProto ParseService()
    {
        position++;
        var service = new ServiceDescriptorProto { Name = ExpectIdentifier() };
        Expect("{");
        while (!TryTake("}"))
        {
            if (TryTake(";"))
            {
                continue;
            }

            if (Current.Value == "option")
            {
                ParseOptionStatement(service.Options ??= new());
                continue;
            }

            Expect("rpc");
            var method = new MethodDescriptorProto { Name = ExpectIdentifier() };
            (method.InputType, bool clientStreaming) = ParseMethodType();
            Expect("returns");
            (method.OutputType, bool serverStreaming) = ParseMethodType();
            if (clientStreaming)
            {
                method.ClientStreaming = true;
            }

            if (serverStreaming)
            {
                method.ServerStreaming = true;
            }

            if (TryTake("{"))
            {
                while (!TryTake("}"))
                {
                    if (!TryTake(";"))
                    {
                        ParseOptionStatement(method.Options ??= new());
                    }
                }
            }
            else
            {
                Expect(";");
            }

            service.Method.Add(method);
        }

        return service;
    }

    private (string Type, bool Streaming) ParseMethodType()
    {
        Expect("(");
        bool streaming = Current.Value == "stream" && tokens[position + 1].Value != ")" && TryTake("stream");
        string type = ExpectQualified();
        Expect(")");
        return (type, streaming);
    }
}
