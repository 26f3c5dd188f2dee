using System.Buffers;
using System.Text.Json;
using Broker.Bus;
using Broker.Contracts;
using Broker.Contracts.Messages;

namespace Broker.Hosting.Execution;

/// <summary>Collects the outcomes of a job's items and cuts them into messages that are small enough to send.</summary>
internal sealed class OutcomeWriter : IDisposable
{
    /// <summary>The largest result that one item may have: a message of its own, and room for what stands around it.</summary>
    public const int MaxResultBytes = MessageSender.MaxBodyBytes - (64 * 1024);

    /// <summary>A message is closed when it is this large, far below what may be sent: JSON may write a failure's characters with six each.</summary>
    private const int PartBytes = 1024 * 1024;

    private const int MaxMessageLength = 8 * 1024;
    private const int MaxStackLength = 16 * 1024;
    private const int MaxCauses = 8;

    private readonly List<ItemFailure> _failures = [];
    private ArrayBufferWriter<byte> _item = new(256);
    private Utf8JsonWriter _json;
    private ArrayBufferWriter<byte> _values = new();
    private int _count;
    private int _failureBytes;

    public OutcomeWriter() => _json = NewWriter(_item);

    public bool IsFull => _values.WrittenCount + _failureBytes > PartBytes;

    public bool IsEmpty => _count == 0;

    /// <summary>Where the next item writes its result. A result half written by an item that then fails is dropped.</summary>
    public Utf8JsonWriter BeginItem()
    {
        _item.ResetWrittenCount();
        _json.Reset(_item);
        return _json;
    }

    /// <summary>Whether the current item's result still fits the message that is being collected.</summary>
    public bool HasRoomForResult => IsEmpty || (_values.WrittenCount + (6L * _failureBytes) + ResultBytes <= MaxResultBytes);

    /// <summary>The item has written its result.</summary>
    public void Succeed()
    {
        _json.Flush();
        Append(_item.WrittenSpan);
    }

    /// <summary>The size of what the current item has written.</summary>
    public int ResultBytes
    {
        get
        {
            _json.Flush();
            return _item.WrittenCount;
        }
    }

    /// <summary>The handler raised <paramref name="error"/>.</summary>
    public void Fail(Exception error)
    {
        var causes = new List<FailureCause>();
        for (var inner = error.InnerException; inner is not null && causes.Count < MaxCauses; inner = inner.InnerException)
            causes.Add(new FailureCause(inner.GetType().FullName!, Shorten(inner.Message, MaxMessageLength)!));
        Fail(error.GetType().FullName!, error.Message, error.StackTrace, retryable: error is not JobRejectedException, causes.Count == 0 ? null : causes, (error as RetryAfterException)?.Delay);
    }

    public void Fail(string type, string message, string? stackTrace, bool retryable, IReadOnlyList<FailureCause>? causes = null, TimeSpan? retryAfter = null)
    {
        var failure = new ItemFailure(_count, type, Shorten(message, MaxMessageLength)!, Shorten(stackTrace, MaxStackLength), retryable, causes, retryAfter);
        _failures.Add(failure);
        _failureBytes += failure.Message.Length + (failure.StackTrace?.Length ?? 0) + failure.Type.Length + 100;
        _failureBytes += causes?.Sum(cause => cause.Type.Length + cause.Message.Length + 30) ?? 0;
        Append("null"u8);
    }

    /// <summary>Leaves the current item's writer to a handler that does not give it back.</summary>
    public void Abandon()
    {
        _item = new ArrayBufferWriter<byte>(256);
        _json = NewWriter(_item);
    }

    public void Dispose() => _json.Dispose();

    /// <summary>The outcomes so far, as a JSON array; begins anew.</summary>
    public (RawJson Values, int Count, IReadOnlyList<ItemFailure>? Failures) Take()
    {
        _values.Write("]"u8);
        var part = (new RawJson(_values.WrittenMemory), _count, _failures.Count == 0 ? null : (IReadOnlyList<ItemFailure>)[.. _failures]);
        // Its memory goes with the message; the next takes some when it has something to write.
        _values = new ArrayBufferWriter<byte>();
        _failures.Clear();
        _failureBytes = 0;
        _count = 0;
        return part;
    }

    private static string? Shorten(string? text, int longest) => text?.Length > longest ? text[..longest] + "..." : text;

    // The serializer's own output is valid; text stays readable for people, who see it on their screens.
    private static Utf8JsonWriter NewWriter(ArrayBufferWriter<byte> buffer) =>
        new(buffer, new JsonWriterOptions { Encoder = PayloadJson.Options.Encoder, SkipValidation = true, MaxDepth = MessageJson.MaxItemDepth });

    private void Append(ReadOnlySpan<byte> value)
    {
        _values.Write(_count++ == 0 ? "["u8 : ","u8);
        _values.Write(value);
    }
}
