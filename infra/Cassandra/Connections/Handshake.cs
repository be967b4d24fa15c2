using System.Net;
using Microsoft.Extensions.Logging;

namespace Cassandra.Protocol;

/// <summary>
/// OPTIONS and STARTUP as bare frames; segments begin with the first message after READY or AUTHENTICATE (native protocol v5, section 2.3.1). Then SASL, then the keyspace.
/// </summary>
internal static class Handshake
{
    /// <summary>More than any server says before it is authenticated.</summary>
    private const int MaxBareFrame = 64 << 10;

    private const int MaxSaslRounds = 8;

    public static async Task<Connection> RunAsync(
        Stream stream, IPEndPoint endPoint, ConnectionOptions options, TimeProvider time, ILogger log, CancellationToken ct)
    {
        Response supported = await AskAsync(stream, OptionsRequest.Instance, ct).ConfigureAwait(false);
        bool lz4 = options.Compression == Compression.Lz4 && Offers(Expect<SupportedResponse>(supported, endPoint), "COMPRESSION", "lz4");
        if (options.Compression == Compression.Lz4 && !lz4)
        {
            CassandraLog.NoLz4(log, endPoint);
        }
        Dictionary<string, string> startup = new() { ["CQL_VERSION"] = "3.0.0", ["DRIVER_NAME"] = options.DriverName, ["DRIVER_VERSION"] = DriverVersion };
        if (lz4)
        {
            startup["COMPRESSION"] = "lz4";
        }
        Response ready = await AskAsync(stream, new StartupRequest(startup), ct).ConfigureAwait(false);
        if (ready is not (ReadyResponse or AuthenticateResponse))
        {
            throw Unexpected(ready, endPoint);
        }
        Connection connection = new(stream, endPoint, options, lz4, time, log);
        connection.Start();
        try
        {
            if (ready is AuthenticateResponse authenticate)
            {
                await AuthenticateAsync(connection, authenticate, endPoint, options, ct).ConfigureAwait(false);
            }
            if (options.Keyspace is not null)
            {
                QueryRequest use = new($"USE \"{options.Keyspace.Replace("\"", "\"\"", StringComparison.Ordinal)}\"", new QueryOptions(ConsistencyLevel.One, []));
                Expect<SetKeyspaceResult>(await connection.SendAsync(use, options.ConnectTimeout, ct).ConfigureAwait(false), endPoint);
            }
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string DriverVersion => typeof(Handshake).Assembly.GetName().Version?.ToString(3) ?? "0";

    private static async Task AuthenticateAsync(
        Connection connection, AuthenticateResponse authenticate, IPEndPoint endPoint, ConnectionOptions options, CancellationToken ct)
    {
        IAuthProvider provider = options.AuthProvider ?? throw new AuthenticationException(
            $"The host {endPoint} asks for credentials ({authenticate.Authenticator}) and none are configured.", endPoint);
        IAuthenticator authenticator = provider.NewAuthenticator(endPoint);
        byte[]? token = authenticator.InitialResponse();
        for (int round = 0; round < MaxSaslRounds; round++)
        {
            Response answer = await connection.SendAsync(new AuthResponseRequest(token), options.ConnectTimeout, ct).ConfigureAwait(false);
            if (answer is AuthSuccess)
            {
                return;
            }
            token = authenticator.EvaluateChallenge(Expect<AuthChallenge>(answer, endPoint).Token);
        }
        throw new AuthenticationException($"The host {endPoint} was not content after {MaxSaslRounds} rounds.", endPoint);
    }

    private static async Task<Response> AskAsync(Stream stream, Request request, CancellationToken ct)
    {
        using CqlWriter writer = new();
        RequestEncoder.Write(request, 0, writer, MaxBareFrame);
        await stream.WriteAsync(writer.WrittenMemory, ct).ConfigureAwait(false);
        byte[] bytes = new byte[FrameHeader.Size];
        await stream.ReadExactlyAsync(bytes, ct).ConfigureAwait(false);
        FrameHeader header = FrameHeader.Read(bytes, MaxBareFrame);
        byte[] body = new byte[header.BodyLength];
        await stream.ReadExactlyAsync(body, ct).ConfigureAwait(false);
        if (header.Version != FrameHeader.ResponseV5)
        {
            throw new ProtocolErrorException($"The server answers in version {header.Version & 0x7F} of the protocol; this client speaks version 5 (Cassandra 4.0 and later).");
        }
        return ResponseDecoder.Read(header, body);
    }

    private static bool Offers(SupportedResponse supported, string option, string value) =>
        supported.Options.TryGetValue(option, out IReadOnlyList<string>? values) && values.Contains(value);

    private static T Expect<T>(Response response, IPEndPoint endPoint)
        where T : Response => response as T ?? throw Unexpected(response, endPoint);

    private static DriverException Unexpected(Response response, IPEndPoint endPoint) => response is ErrorResponse error
        ? error.ToException(endPoint)
        : new MalformedDataException($"The host {endPoint} answered a handshake with {response.GetType().Name}.");
}
