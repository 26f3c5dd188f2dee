namespace Broker.Primitives.Log;

/// <summary>A way to append, which may be lost; then there is another.</summary>
/// <param name="PublishAsync">Appends a record; returns when that is confirmed.</param>
/// <param name="CloseAsync">Lets it go.</param>
/// <param name="Lost">Cancelled when it is gone.</param>
internal sealed record LogSession(Func<byte[], Task> PublishAsync, Func<ValueTask> CloseAsync, CancellationToken Lost);
