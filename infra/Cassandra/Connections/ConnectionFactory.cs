using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cassandra.Protocol;

/// <summary>Opens connections over TCP, with TLS where configured.</summary>
internal sealed class ConnectionFactory(TimeProvider? time = null, ILogger? log = null) : IConnectionFactory
{
    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly ILogger _log = log ?? NullLogger.Instance;

    /// <exception cref="OperationTimedOutException">Not done within <see cref="ConnectionOptions.ConnectTimeout"/>.</exception>
    /// <exception cref="ConnectionClosedException">Refused, reset, no TLS session, or a callback of the application has thrown.</exception>
    /// <exception cref="AuthenticationException">Credentials are missing or wrong.</exception>
    /// <exception cref="ProtocolErrorException">The server does not speak version 5.</exception>
    public async Task<IConnection> OpenAsync(IPEndPoint endPoint, ConnectionOptions options, CancellationToken ct)
    {
        options.Validate();
        using CancellationTokenSource timeout = new(options.ConnectTimeout, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(ct, timeout.Token);
        Stream? stream = null;
        try
        {
            stream = await ConnectAsync(endPoint, options, either.Token).ConfigureAwait(false);
            return await Handshake.RunAsync(stream, endPoint, options, _time, _log, either.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
            throw error switch
            {
                OperationCanceledException when !ct.IsCancellationRequested => new OperationTimedOutException(endPoint, options.ConnectTimeout),
                IOException when stream is not null => new ConnectionClosedException(endPoint, requestSent: false, BeforeItAnswered(error, options.Tls is not null)),
                DriverException or OperationCanceledException => Rethrown(error),
                _ => new ConnectionClosedException(endPoint, requestSent: false, error), // whatever an application's callback throws: who reconnects goes on
            };
        }
    }

    // a node that speaks TLS only ends a connection in the clear without a word; one that refuses a certificate may reset the connection before its alert has been read
    private static IOException BeforeItAnswered(Exception error, bool tls) => new(
        $"{error.Message.TrimEnd('.')} before it answered; it may {(tls ? "refuse the client's certificate, or ask for one" : "speak TLS only")}", error);

    private static Exception Rethrown(Exception error)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(error);
        return error;
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint endPoint, ConnectionOptions options, CancellationToken ct)
    {
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(endPoint, ct).ConfigureAwait(false);
            NetworkStream tcp = new(socket, ownsSocket: true);
            if (options.Tls is null)
            {
                return tcp;
            }
            SslStream tls = new(tcp, leaveInnerStreamOpen: false);
            await tls.AuthenticateAsClientAsync(WithTarget(options.Tls, options.TlsHostName, endPoint), ct).ConfigureAwait(false);
            return tls;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A copy whose target is the address, or the name it goes by, when no name was configured, so that there is always a name to check.</summary>
    private static SslClientAuthenticationOptions WithTarget(SslClientAuthenticationOptions options, Func<IPAddress, string>? name, IPEndPoint endPoint) => string.IsNullOrEmpty(options.TargetHost)
        ? new SslClientAuthenticationOptions
        {
            TargetHost = name?.Invoke(endPoint.Address) ?? endPoint.Address.ToString(),
            ClientCertificates = options.ClientCertificates,
            ClientCertificateContext = options.ClientCertificateContext,
            LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            EnabledSslProtocols = options.EnabledSslProtocols,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
        }
        : options;
}
