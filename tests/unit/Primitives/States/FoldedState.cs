using System.Text;
using System.Text.Json;
using Broker.Contracts.Messages;
using Broker.Primitives.Log;
using Broker.Primitives.States;

namespace Broker.Tests.Unit.Primitives.States;

/// <summary>
/// Folds operations as the log does, twice: once as they are, and once as a process would that reads them from the log and that joins it by a snapshot again and again. Both must come to the same.
/// </summary>
internal sealed class FoldedState(Random? random = null)
{
    private static readonly OperationCodec Codec = new OperationCodec().AddStates();

    private readonly Guid _client = Guid.NewGuid();
    private PrimitiveState? _state;
    private PrimitiveState? _read;
    private long _offset = 99;

    public static RawJson Json(object? value) => new(JsonSerializer.SerializeToUtf8Bytes(value));

    public static string Text(RawJson value) => value.Utf8.IsEmpty ? "null" : Encoding.UTF8.GetString(value.Utf8.Span);

    /// <summary>That of the last operation.</summary>
    public long Offset => _offset;

    public TState State<TState>()
        where TState : PrimitiveState => (TState)_state!;

    /// <summary>Applies an operation to both, and returns its outcome.</summary>
    public object? Apply(Operation operation, Guid? client = null)
    {
        var place = new LogPlace(++_offset, client ?? _client, DateTimeOffset.UnixEpoch, null);
        _state ??= operation.NewState();
        var outcome = _state.Apply(operation, place);
        var (name, body) = Codec.Write(operation);
        var read = Codec.Read<Operation>(name, body) ?? throw new InvalidOperationException($"{name} cannot be read: {Encoding.UTF8.GetString(body)}");
        _read ??= read.NewState();
        Assert.Equal(Show(outcome), Show(_read.Apply(read, place)));
        if (random is null || random.Next(4) == 0)
            Rejoin();
        return outcome;
    }

    /// <summary>Whether both have come to the same.</summary>
    public void AssertSame() => Assert.Equal(Written(_state!), Written(_read!));

    private void Rejoin()
    {
        var (name, body) = Codec.Write(_read!);
        _read = Codec.Read<PrimitiveState>(name, body) ?? throw new InvalidOperationException($"{name} cannot be read: {Encoding.UTF8.GetString(body)}");
        AssertSame();
    }

    private static string Written(PrimitiveState state) => Encoding.UTF8.GetString(Codec.Write(state).Body);

    private static string Show(object? outcome) => outcome switch
    {
        null => "null",
        RawJson json => Text(json),
        IReadOnlyList<RawJson> many => string.Join(',', many.Select(Text)),
        DictionaryItem item => $"{item.Key}={Text(item.Value)}",
        ValueChange change => $"{change.Done} {Text(change.Value)} {change.Version}",
        _ => outcome.ToString()!,
    };
}
