using System.IO.Pipes;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Broker.Bus;
using Broker.Connection;
using Broker.Primitives.Queues;

namespace Broker.Primitives;

/// <summary>
/// One end of a pipe: what is sent by it the other receives, whole and in order. When this is disposed of, the other receives what was sent, and then the end.
/// <para>Not promised: that what was sent is received. It lives as long as both ends and their connections do; an end whose process died is noticed by the next message to it, or within some 15
/// seconds. What is sent faster than it is received waits in the broker's memory, without a limit.</para>
/// </summary>
public sealed class BrokerPipeEnd<T> : IAsyncDisposable
{
    private readonly PipeSession _session;
    private readonly PipeDirection _direction;
    private readonly JsonSerializerOptions _json;
    private readonly string _name;

    internal BrokerPipeEnd(PipeSession session, PipeDirection direction, JsonSerializerOptions json, string name) => (_session, _direction, _json, _name) = (session, direction, json, name);

    /// <summary>Sends an item to the other end. Returns when the broker has it.</summary>
    /// <exception cref="PrimitiveClosedException">The other end is closed or gone.</exception>
    /// <exception cref="InvalidOperationException">This end only receives.</exception>
    /// <exception cref="MessageTooLargeException">The item is larger than 8 MiB.</exception>
    /// <exception cref="BrokerUnavailableException">The connection was lost, and the pipe with it.</exception>
    public async Task SendAsync(T item, CancellationToken cancellationToken = default)
    {
        if (!_direction.HasFlag(PipeDirection.Out))
            throw new InvalidOperationException($"this end of the pipe '{_name}' only receives");
        cancellationToken.ThrowIfCancellationRequested();
        var body = JsonSerializer.SerializeToUtf8Bytes(item, _json);
        if (body.Length > MessageSender.MaxBodyBytes)
            throw new MessageTooLargeException(body.Length, MessageSender.MaxBodyBytes);
        if (!await _session.SendAsync(PipeMessage.Item, body).WaitAsync(cancellationToken))
            throw new PrimitiveClosedException($"the other end of the pipe '{_name}' is closed");
    }

    /// <summary>Receives the next item, and waits for it.</summary>
    /// <param name="timeout">Null waits for ever.</param>
    /// <exception cref="TimeoutException">None came within the timeout.</exception>
    /// <exception cref="EndOfStreamException">The other end is closed or gone, and all that it sent was received.</exception>
    /// <exception cref="InvalidOperationException">This end only sends.</exception>
    /// <exception cref="BrokerUnavailableException">The connection was lost, and the pipe with it.</exception>
    public Task<T?> ReceiveAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return ReceiveOneAsync(timeout, cancellationToken);
    }

    /// <summary>Whether an item, or the end, is there to be received, or comes within the timeout; nothing is taken.</summary>
    /// <inheritdoc cref="ReceiveAsync"/>
    public Task<bool> PollAsync(TimeSpan timeout = default, CancellationToken cancellationToken = default)
    {
        _ = WaitTimeout.Of(timeout);
        return WaitAsync(timeout, cancellationToken);
    }

    /// <summary>Receives items until the other end is closed or gone.</summary>
    public async IAsyncEnumerable<T?> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        CheckReceives();
        while (await _session.Items.WaitToReadAsync(cancellationToken))
        {
            while (_session.Items.TryRead(out var message))
                yield return await ReadAsync(message);
        }
    }

    /// <summary>Closes this end. Does not throw.</summary>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private void CheckReceives()
    {
        if (!_direction.HasFlag(PipeDirection.In))
            throw new InvalidOperationException($"this end of the pipe '{_name}' only sends");
    }

    private async Task<T?> ReceiveOneAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        while (await WaitAsync(timeout, cancellationToken))
        {
            if (_session.Items.TryRead(out var message))
                return await ReadAsync(message);
            if (_session.Items.Completion.IsCompleted)
            {
                await _session.Items.Completion;
                throw new EndOfStreamException($"the other end of the pipe '{_name}' is closed");
            }
        }

        throw new TimeoutException($"nothing came through the pipe '{_name}' within {timeout}");
    }

    private async Task<bool> WaitAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        CheckReceives();
        if (_session.Items.TryPeek(out _) || _session.Items.Completion.IsCompleted)
            return true;
        using var limit = WaitTimeout.Limit(timeout, cancellationToken);
        try
        {
            await _session.Items.WaitToReadAsync(limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<T?> ReadAsync(PipeMessage message)
    {
        await _session.ReadAsync(message);
        return JsonSerializer.Deserialize<T>(message.Body.Span, _json);
    }
}
