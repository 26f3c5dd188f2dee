using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using Broker.Contracts;
using RabbitMQ.Client.Exceptions;

namespace Broker.Connection;

/// <summary>Raised when the broker cannot be reached, refuses us, or does not confirm in time.</summary>
public sealed partial class BrokerUnavailableException : BrokerException
{
    /// <summary>Where nothing answered, and how that was noticed.</summary>
    private IReadOnlyList<string> _places = [];

    public BrokerUnavailableException()
    {
    }

    public BrokerUnavailableException(string message)
        : base(message)
    {
    }

    public BrokerUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>False when trying again cannot help until somebody changes something: wrong password, no such virtual host, no permission.</summary>
    public bool CanRetry { get; init; } = true;

    /// <summary>Whether nothing answered at the address: a program may say how to set another, or how to start a broker.</summary>
    internal bool Unreachable { get; init; }

    /// <summary>Whether the broker's certificate was issued by an authority that is not trusted: a program may say how to name one.</summary>
    internal bool Untrusted { get; init; }

    /// <summary>Whether the broker demands a certificate of ours, and none is given: a program may say how to give one.</summary>
    internal bool CertificateMissing { get; init; }

    /// <summary>Says what went wrong and what to do about it, from whatever the client library raised while connecting.</summary>
    internal static BrokerUnavailableException From(Exception error, BrokerAddress address)
    {
        var chain = Unfold(error).ToList();
        if (chain.OfType<AuthenticationFailureException>().Any() || chain.OfType<PossibleAuthenticationFailureException>().Any())
            return new($"RabbitMQ at {address.Current} refused user '{address.User}': check user and password in the address", error) { CanRetry = false };
        if (chain.OfType<OperationInterruptedException>().FirstOrDefault()?.ShutdownReason is { } reason)
        {
            return reason.ReplyCode switch
            {
                530 => new($"RabbitMQ at {address.Current} has no virtual host '{address.VirtualHost}' for user '{address.User}': check the end of the address, or create it with rabbitmqctl add_vhost", error) { CanRetry = false },
                403 => new(Forbidden(reason.ReplyText, address), error) { CanRetry = false },
                _ => new($"RabbitMQ at {address.Current} broke off: {reason.ReplyText}", error),
            };
        }

        if (chain.OfType<BrokerCertificateException>().FirstOrDefault() is { } refused)
            return new($"the broker at {address.Current} {refused.Message}", error) { CanRetry = false, Untrusted = refused.Untrusted };
        if (address.Tls && TlsAlert.In(chain) is { } alert)
        {
            return address.Certificate is { } ours
                ? new($"the broker at {address.Current} refused our certificate ({ours}: {alert}): was it issued by an authority that the broker trusts, and is it valid?", error) { CanRetry = false }
                : new($"the broker at {address.Current} demands a certificate of ours, and none is given", error) { CanRetry = false, CertificateMissing = true };
        }

        if (address.Tls && chain.OfType<AuthenticationException>().FirstOrDefault() is { } handshake)
            return new($"{address.Current} did not complete a TLS handshake ({handshake.Message.TrimEnd('.')}): is it RabbitMQ's port without TLS (usually 5672, amqp://)?", error);
        // A TLS server takes the connection and ends it, or answers with an alert, when it reads AMQP's first bytes.
        if (!address.Tls && chain.OfType<BrokerUnreachableException>().Any() && chain.Any(e => e is MalformedFrameException or EndOfStreamException or SocketException { SocketErrorCode: SocketError.ConnectionReset }))
            return new($"{address.Current} took the connection and did not answer in AMQP: is it RabbitMQ's TLS port (usually 5671, amqps://), or a broker that is starting?", error);

        var cause = chain.OfType<SocketException>().FirstOrDefault() is { } socket
            ? socket.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
                _ => socket.Message,
            }
            : chain.Any(e => e is TimeoutException or OperationCanceledException) ? "no answer" : chain[^1].Message;
        return Silent([$"{address.Current} ({cause})"], error);
    }

    /// <summary>Says of all nodes why none of them could be connected to.</summary>
    internal static BrokerUnavailableException OfAll(IReadOnlyList<BrokerUnavailableException> failures) => failures switch
    {
        [var one] => one,
        _ when failures.All(failure => failure.Unreachable) => Silent([.. failures.SelectMany(failure => failure._places)], new AggregateException(failures)),
        _ => new(string.Join("; ", failures.Select(failure => failure.Message)), new AggregateException(failures)),
    };

    private static BrokerUnavailableException Silent(IReadOnlyList<string> places, Exception error) =>
        new($"no RabbitMQ at {string.Join(", ", places)}: is it running?", error) { Unreachable = true, _places = places };

    /// <summary>RabbitMQ's text says which permission is missing on what.</summary>
    private static string Forbidden(string reply, BrokerAddress address)
    {
        var missing = Refusal().Match(reply);
        var what = missing.Success ? $"lacks the permission {(missing.Groups["permission"] is { Success: true } named ? $"to {named.Value}" : "for")} {missing.Groups["what"].Value}" : $"is not permitted to do this ({reply})";
        return $"user '{address.User}' {what} on RabbitMQ at {address.Current}: grant it with rabbitmqctl set_permissions -p {address.VirtualHost} {address.User} '^broker\\.' '^broker\\.' '^broker\\.' (configure, write, read)";
    }

    [GeneratedRegex(@"((?<permission>configure|write|read) )?access to (?<what>\w+ '[^']*')", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Refusal();

    internal static IEnumerable<Exception> Unfold(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            yield return error;
            if (error is AggregateException { InnerExceptions.Count: > 1 } many)
            {
                foreach (var inner in many.InnerExceptions.SelectMany(Unfold))
                    yield return inner;
            }
        }
    }
}
